"""The client on a vault that serves."""

import os
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.vault.client import (
    CiphertextRefused,
    InvalidRequest,
    TooLarge,
    Unauthorized,
    Unavailable,
    UnknownDataKey,
    VaultClient,
)
from services.vault.keyring import MasterKey, MasterKeys
from services.vault.storage import MemoryStorage
from services.vault.storage.failing import FailingStorage
from services.vault.testutil.service import TOKEN, memory_vault, serving
from services.vault.vault import MAX_PLAINTEXT_BYTES, Vault


@pytest.fixture(scope="module")
def client() -> Iterator[VaultClient]:
    with serving(memory_vault()) as service, VaultClient(service.url, TOKEN, deadline=30) as it:
        yield it


@settings(deadline=None, max_examples=50)
@given(st.binary(max_size=2000))
def test_what_is_encrypted_is_decrypted(client: VaultClient, plaintext: bytes) -> None:
    assert client.decrypt("a", client.encrypt("a", plaintext)) == plaintext


def test_the_longest_plaintext_passes(client: VaultClient) -> None:
    """And one byte more is refused by its code."""
    plaintext = os.urandom(MAX_PLAINTEXT_BYTES)
    assert client.decrypt("a", client.encrypt("a", plaintext)) == plaintext
    with pytest.raises(InvalidRequest) as refused:
        client.encrypt("a", plaintext + b"x")
    assert refused.value.code == "invalid_input"
    with pytest.raises(TooLarge):
        client.encrypt("a", plaintext * 2)


@settings(deadline=None, max_examples=20)
@given(st.lists(st.binary(max_size=100), max_size=20))
def test_bulk_keeps_the_order(client: VaultClient, plaintexts: list[bytes]) -> None:
    assert client.decrypt_bulk("a", client.encrypt_bulk("a", plaintexts)) == plaintexts


def test_a_refused_ciphertext_is_an_error_of_its_own(client: VaultClient) -> None:
    """Alone it is raised, in bulk it is an item."""
    good = client.encrypt("a", b"hush")
    with pytest.raises(CiphertextRefused):
        client.decrypt("b", good)
    first, second = client.decrypt_bulk("a", [b"none", good])
    assert isinstance(first, CiphertextRefused)
    assert first.code == "ciphertext_refused"
    assert second == b"hush"


def test_reencryption_by_the_latest_and_by_a_named_data_key(client: VaultClient) -> None:
    old = client.create_data_key("r")
    ciphertext = client.encrypt("r", b"hush")
    new = client.create_data_key("r")
    for key_id, wanted in ((None, new), (old, old)):
        again = client.reencrypt("r", ciphertext, key_id)
        assert bytes.fromhex(wanted) in again[:40]
        assert client.decrypt("r", again) == b"hush"
    with pytest.raises(UnknownDataKey):
        client.reencrypt("r", ciphertext, "0" * 32)


def test_a_roll_is_done_page_by_page() -> None:
    """To its end, or resumed after any page."""
    storage, old = MemoryStorage(), MasterKey.generate()
    for name in ("a", "b", "c"):
        Vault(storage, MasterKeys([old])).encrypt(name, b"")
    total = len(storage.names("", "", 1000))
    vault = Vault(storage, MasterKeys([old, MasterKey.generate()]))
    with serving(vault) as service, VaultClient(service.url, TOKEN) as client:
        first = next(client.roll(limit=2))
        assert (first.seen, first.rewrapped) == (2, 2)
        pages = list(client.roll(after=first.next, limit=2))
        assert 2 + sum(page.rewrapped for page in pages) == total
        assert sum(page.rewrapped for page in client.roll()) == 0


def test_a_wrong_token_is_told() -> None:
    with (
        serving(memory_vault()) as service,
        VaultClient(service.url, "another-token") as client,
        pytest.raises(Unauthorized),
    ):
        client.encrypt("a", b"")


def test_an_outage_that_ends_in_time_is_not_noticed() -> None:
    """The storage fails for the first calls, then it serves."""
    storage = FailingStorage(MemoryStorage(), fail=range(3))
    vault = Vault(storage, MasterKeys([MasterKey.generate()]))
    with serving(vault) as service, VaultClient(service.url, TOKEN, deadline=30) as client:
        assert client.decrypt("a", client.encrypt("a", b"hush")) == b"hush"


def test_a_vault_that_is_not_there_is_unavailable() -> None:
    """After the deadline, with the reason."""
    with serving(memory_vault()) as service:
        url = service.url
    with (
        VaultClient(url, TOKEN, deadline=0.3) as client,
        pytest.raises(Unavailable, match=r"can't be reached \(ConnectError\)"),
    ):
        client.encrypt("a", b"")


@pytest.mark.parametrize("url", ["", "vault:7010", "ftp://vault", "http://", "http://a:hush@vault"])
def test_a_url_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="give http:// or https:// and a host") as refused:
        VaultClient(url, TOKEN)
    assert "hush" not in str(refused.value)


@pytest.mark.parametrize("token", ["", "hush\n", "hush hush", "hüsh"])
def test_a_token_that_is_none_is_refused(token: str) -> None:
    """A file's has an end of line; it would be tried again until the deadline."""
    with pytest.raises(ValueError, match="visible ASCII") as refused:
        VaultClient("http://vault", token)
    assert not token or token not in str(refused.value)


def test_it_shows_no_secret(client: VaultClient) -> None:
    """Neither its token nor what was given to it."""
    assert TOKEN not in repr(client)
    with pytest.raises(CiphertextRefused) as refused:
        client.decrypt("a", b"geheim geheim")
    shown = repr(refused.value) + repr(vars(refused.value))
    assert TOKEN not in shown
    assert "geheim" not in shown
