"""The test vectors of docs/vault-format.md, computed without any of this code, hold for it."""

import json
from pathlib import Path

import pytest

from services.vault.errors import Damaged
from services.vault.keyring import DataKey, MasterKey, MasterKeys, cipher, envelope, record
from services.vault.keyring.record import Kind, Record

VECTORS = json.loads((Path(__file__).parent / "testdata/vectors.json").read_text())
MASTER = MasterKey.from_hex(VECTORS["master_key"])
KEY_ID = VECTORS["data_key_id"]


def data_key(keyring: str) -> DataKey:
    return DataKey(keyring, KEY_ID, bytes.fromhex(VECTORS["data_key"]))


def nonce(monkeypatch: pytest.MonkeyPatch, vector: dict[str, str]) -> None:
    """Makes the next random nonces those of a vector."""
    monkeypatch.setattr(cipher, "urandom", lambda _: bytes.fromhex(vector["nonce"]))


def test_a_master_key_has_its_id() -> None:
    """It is in all that the key has wrapped."""
    assert MASTER.id == VECTORS["master_key_id"]


@pytest.mark.parametrize("vector", VECTORS["records"], ids=lambda vector: str(vector["kind"]))
def test_a_record(monkeypatch: pytest.MonkeyPatch, vector: dict[str, str]) -> None:
    """Read and, with the same nonce, written."""
    payload = bytes.fromhex(vector["payload"])
    expected = Record(Kind[vector["kind"]], vector["keyring"], KEY_ID, payload)
    stored = bytes.fromhex(vector["record"])
    masters = MasterKeys([MASTER])
    assert record.open(stored, expected.kind, expected.keyring, masters, "a record") == expected
    nonce(monkeypatch, vector)
    assert record.seal(expected, masters) == stored


@pytest.mark.parametrize("vector", VECTORS["ciphertexts"], ids=lambda vector: str(vector["nonce"]))
def test_a_ciphertext(monkeypatch: pytest.MonkeyPatch, vector: dict[str, str]) -> None:
    """Decrypted and, with the same nonce, encrypted."""
    key = data_key(vector["keyring"])
    ciphertext = bytes.fromhex(vector["ciphertext"])
    assert envelope.key_id(ciphertext) == KEY_ID
    assert key.decrypt(ciphertext).hex() == vector["plaintext"]
    nonce(monkeypatch, vector)
    assert key.encrypt(bytes.fromhex(vector["plaintext"])) == ciphertext


@pytest.mark.parametrize("vector", VECTORS["refused"], ids=lambda vector: str(vector["why"]))
def test_a_ciphertext_that_is_refused(vector: dict[str, str]) -> None:
    """Each for its own reason."""
    ciphertext = bytes.fromhex(vector["ciphertext"])

    def read() -> bytes:
        envelope.key_id(ciphertext)
        return data_key(vector["keyring"]).decrypt(ciphertext)

    with pytest.raises(Damaged):
        read()
