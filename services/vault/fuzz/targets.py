"""What the fuzzer calls with any bytes, and what must hold of them."""

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from services.vault.errors import Damaged, DamagedRecord, WrongMasterKey
from services.vault.keyring import DataKey, MasterKey, MasterKeys, envelope, record
from services.vault.keyring.record import Kind

# Those of the test vectors, so that the corpus has bytes that open.
KEYRING = "payments"
MASTER = bytes(range(32))
DATA_KEY = bytes(range(0x64, 0x84))

_MASTERS = MasterKeys([MasterKey(MASTER)])
_KINDS = list(Kind)
_KEY_AT, _SEAL_AT, _BODY_AT = 3, 19, 31


def read_ciphertext(data: bytes) -> str:
    """Parses and decrypts a ciphertext: "no ciphertext", "refused" or "decrypted".

    Raises:
        AssertionError: the reader has taken for a ciphertext what is none.
        Exception: any other error than the reader's own is a fault of it.
    """
    try:
        key_id = envelope.key_id(data)
    except Damaged:
        return "no ciphertext"
    assert key_id == data[_KEY_AT:_SEAL_AT].hex()
    try:
        plaintext = DataKey(KEYRING, key_id, DATA_KEY).decrypt(data)
    except Damaged:
        return "refused"
    header, nonce = b"BV\x01" + bytes.fromhex(key_id), data[_SEAL_AT:_BODY_AT]
    sealed = AESGCM(DATA_KEY).encrypt(nonce, plaintext, header + KEYRING.encode())
    assert data == header + nonce + sealed, "it is not what the vault writes"
    return "decrypted"


def read_record(data: bytes) -> str:
    """Parses and opens a record, of the kind that the first byte names: "no record", "refused",
    "of another master key" or "opened".

    Raises:
        AssertionError: the reader has taken for a record what is none.
        Exception: any other error than the reader's own is a fault of it.
    """
    kind, stored = _KINDS[(data[0] if data else 0) % len(_KINDS)], data[1:]
    try:
        master_id = record.master_id(stored, kind, "a record")
    except DamagedRecord:
        return "no record"
    assert master_id == stored[3:19].hex()
    if master_id != _MASTERS.newest.id:
        with pytest.raises(WrongMasterKey):
            record.open(stored, kind, KEYRING, _MASTERS, "a record")
        return "of another master key"
    try:
        found = record.open(stored, kind, KEYRING, _MASTERS, "a record")
    except DamagedRecord:
        return "refused"
    assert (found.kind, found.keyring) == (kind, KEYRING)
    header = kind.value + b"\x01" + bytes.fromhex(master_id + found.key_id)
    nonce = stored[35:47]
    sealed = AESGCM(MASTER).encrypt(nonce, found.payload, header + KEYRING.encode())
    assert stored == header + nonce + sealed, "it is not what the vault writes"
    return "opened"
