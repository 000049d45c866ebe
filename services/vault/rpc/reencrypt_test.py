"""Encrypting anew over HTTP."""

from base64 import b64decode, b64encode
from collections.abc import Iterator

import pytest

from services.vault.testutil.service import Service, memory_vault, serving

VAULT = memory_vault()
OLD = VAULT.create_data_key("a")
CIPHERTEXT = b64encode(VAULT.encrypt("a", b"hush")).decode()
NEW = VAULT.create_data_key("a")


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    with serving(VAULT) as running:
        yield running


@pytest.mark.parametrize(
    ("wanted", "key_id"), [({}, NEW), ({"key_id": None}, NEW), ({"key_id": OLD}, OLD)]
)
def test_by_the_latest_or_by_a_named_data_key(
    service: Service, wanted: dict[str, str | None], key_id: str
) -> None:
    """The plaintext stays, the ciphertext names the data key."""
    answer = service.post("/v1/reencrypt", keyring="a", ciphertext=CIPHERTEXT, **wanted)
    assert answer.status_code == 200
    ciphertext = b64decode(answer.json()["ciphertext"])
    assert ciphertext != b64decode(CIPHERTEXT)
    assert bytes.fromhex(key_id) in ciphertext[:40]
    assert VAULT.decrypt("a", ciphertext) == b"hush"


@pytest.mark.parametrize(
    ("keyring", "ciphertext", "key_id", "status", "code"),
    [
        ("a", CIPHERTEXT, "0" * 32, 404, "unknown_data_key"),
        ("a", "AAAA", "0" * 32, 400, "ciphertext_refused"),
        ("b", CIPHERTEXT, OLD, 400, "ciphertext_refused"),
        ("b", CIPHERTEXT, None, 400, "ciphertext_refused"),
        ("a", CIPHERTEXT, "../" + "0" * 29, 400, "invalid_input"),
        ("a", CIPHERTEXT, "0" * 31, 400, "invalid_input"),
        ("a", CIPHERTEXT, "A" * 32, 400, "invalid_input"),
        ("a", CIPHERTEXT, "", 400, "invalid_input"),
    ],
)
def test_which_of_both_is_unknown_is_told(
    service: Service, keyring: str, ciphertext: str, key_id: str | None, status: int, code: str
) -> None:
    """A ciphertext that does not decrypt is refused whatever data key is named."""
    answer = service.post("/v1/reencrypt", keyring=keyring, ciphertext=ciphertext, key_id=key_id)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
