"""Decryption of several ciphertexts over HTTP."""

from base64 import b64encode

from services.vault.errors import StorageUnavailable
from services.vault.keyring import MasterKey, MasterKeys
from services.vault.storage import MemoryStorage
from services.vault.storage.failing import FailingStorage
from services.vault.testutil.service import memory_vault, serving
from services.vault.vault import Vault


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


def test_an_outage_is_no_item() -> None:
    """It is the answer to all, so that nobody takes it for a damaged ciphertext."""
    storage, keys = MemoryStorage(), MasterKeys([MasterKey.generate()])
    ciphertext = b64encode(Vault(storage, keys).encrypt("a", b"hush")).decode()
    with serving(Vault(FailingStorage(storage, fail=range(99)), keys)) as service:
        answer = service.post("/v1/decryptBulk", keyring="a", ciphertexts=["AAAA", ciphertext])
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "storage_unavailable")
    assert StorageUnavailable.__name__ not in answer.text
