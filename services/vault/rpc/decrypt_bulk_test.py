"""Decryption of several ciphertexts over HTTP."""

import os
import threading
from base64 import b64encode

import pytest

from pkg.logs import JsonLines
from pkg.logs.testing import captured
from pkg.testutil import eventually
from services.vault.client import ServerFault, VaultClient
from services.vault.errors import StorageUnavailable
from services.vault.keyring import MasterKey, MasterKeys
from services.vault.keyring.record import Kind
from services.vault.keyring.records import object_name
from services.vault.rpc.limits import Limits
from services.vault.storage import MemoryStorage, Stored
from services.vault.storage.failing import FailingStorage
from services.vault.testutil.service import TOKEN, memory_vault, serving
from services.vault.vault import Vault
from services.vault.wire import MAX_ITEMS


def test_one_that_is_refused_does_not_hide_the_others() -> None:
    """Each has an item of its own, in their order; the refused one tells no more than alone."""
    vault = memory_vault()
    one, other = vault.encrypt("a", b"one"), vault.encrypt("b", b"")
    ciphertexts = [one, b"none", other, vault.encrypt("a", b"")]
    with serving(vault) as service:
        answer = service.post(
            "/v1/decryptBulk", keyring="a", ciphertexts=[b64encode(c).decode() for c in ciphertexts]
        )
    refused = {
        "error": {
            "code": "ciphertext_refused",
            "message": "the ciphertext cannot be decrypted in this keyring",
        }
    }
    assert answer.status_code == 200
    assert answer.json()["items"] == [
        {"plaintext": b64encode(b"one").decode()},
        refused,
        refused,
        {"plaintext": ""},
    ]


@pytest.mark.parametrize(("at", "code"), [(-1, "damaged_record"), (3, "wrong_master_key")])
def test_a_damaged_data_key_fails_what_names_it_alone(at: int, code: str) -> None:
    """Its items say what a single decryption says, also in the client; the log tells it once."""
    storage, keys = MemoryStorage(), MasterKeys([MasterKey.generate()])
    writer = Vault(storage, keys)
    old = writer.create_data_key("a")
    first = writer.encrypt("a", b"first")
    writer.create_data_key("a")
    second = writer.encrypt("a", b"second")
    name = object_name(Kind.KEY, "a", old)
    stored = storage.get(name)
    assert stored is not None
    damaged = bytearray(stored.content)
    damaged[at] ^= 1
    assert storage.replace(name, bytes(damaged), stored.version)
    with (
        captured(JsonLines(error_texts=False)) as lines,
        serving(Vault(storage, keys)) as service,
        VaultClient(service.url, TOKEN, deadline=5) as client,
    ):
        one, good, again = client.decrypt_bulk("a", [first, second, first])
        assert good == b"second"
        assert [each["route"] for each in lines.of("fault")] == ["/v1/decryptBulk"]
        alone = service.post("/v1/decrypt", keyring="a", ciphertext=b64encode(first).decode())
    assert (alone.status_code, alone.json()["error"]["code"]) == (500, code)
    for each in (one, again):
        assert isinstance(each, ServerFault)
        assert each.code == code


def test_an_outage_is_no_item() -> None:
    """It is the answer to all, so that nobody takes it for a damaged ciphertext."""
    storage, keys = MemoryStorage(), MasterKeys([MasterKey.generate()])
    ciphertext = b64encode(Vault(storage, keys).encrypt("a", b"hush")).decode()
    with serving(Vault(FailingStorage(storage, fail=range(99)), keys)) as service:
        answer = service.post("/v1/decryptBulk", keyring="a", ciphertexts=["AAAA", ciphertext])
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "storage_unavailable")
    assert StorageUnavailable.__name__ not in answer.text


class Slow(FailingStorage):
    """Takes its time for each object that is read."""

    def get(self, name: str) -> Stored | None:
        threading.Event().wait(0.1)
        return super().get(name)


def test_it_ends_with_its_deadline() -> None:
    """Also its thread: a storage that is slow is not asked for a thousand data keys that nobody
    waits for any more."""
    storage = Slow(MemoryStorage())
    vault = Vault(storage, MasterKeys([MasterKey.generate()]))
    foreign = [b64encode(b"BV\1" + os.urandom(44)).decode() for _ in range(1000)]
    with serving(vault, Limits(deadline=1, threads=1, stop_delay=0)) as service:
        answer = service.post("/v1/decryptBulk", keyring="a", ciphertexts=foreign)
        assert (answer.status_code, answer.json()["error"]["code"]) == (504, "deadline_exceeded")
        eventually(lambda: service.post("/v1/createDataKey", keyring="a").status_code == 200)
    assert storage.calls < 100


def test_more_than_the_most_items_are_refused() -> None:
    with serving(memory_vault()) as service:
        for count, status in ((MAX_ITEMS, 200), (MAX_ITEMS + 1, 400)):
            answer = service.post("/v1/decryptBulk", keyring="a", ciphertexts=[""] * count)
            assert answer.status_code == status
