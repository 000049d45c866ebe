"""What the format of stored records promises."""

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from services.vault.errors import DamagedRecord, WrongMasterKey
from services.vault.keyring import MasterKey, MasterKeys, record
from services.vault.keyring.record import Kind, Record

MASTER = MasterKey(bytes(range(32)))
MASTERS = MasterKeys([MASTER])
KEY_ID = "0f" * 16
NAME = "keyrings/payments/the object"
MASTER_ID = slice(3, 19)
RECORDS = [
    Record(Kind.KEY, "payments", KEY_ID, b"d" * 32),
    Record(Kind.CURRENT, "payments", KEY_ID),
    Record(Kind.USES, "payments", KEY_ID, (1 << 32).to_bytes(8)),
]


def opened(stored: bytes, kind: Kind, masters: MasterKeys = MASTERS) -> Record:
    """The record of the keyring `payments`."""
    return record.open(stored, kind, "payments", masters, NAME)


@pytest.mark.parametrize("each", RECORDS, ids=lambda each: str(each.kind.name))
def test_a_record_comes_back(each: Record) -> None:
    """All of it; neither is the payload in what is stored, nor is it shown."""
    stored = record.seal(each, MASTERS)
    assert opened(stored, each.kind) == each
    assert not each.payload or each.payload not in stored
    assert "dddd" not in repr(each)


@pytest.mark.parametrize(
    ("kind", "magic", "payload", "length"),
    [
        (Kind.KEY, b"BK", b"d" * 32, 95),
        (Kind.CURRENT, b"BC", b"", 63),
        (Kind.USES, b"BU", b"\0\0\0\0\0\0\x10\0", 71),
    ],
)
def test_the_bytes_are_as_documented(kind: Kind, magic: bytes, payload: bytes, length: int) -> None:
    """Written by hand after docs/vault-format.md: a change needs a new version: keys are kept."""
    header = magic + b"\x01" + bytes.fromhex(MASTER.id) + bytes.fromhex(KEY_ID)
    nonce = b"n" * 12
    gcm = AESGCM(bytes(range(32)))
    stored = header + nonce + gcm.encrypt(nonce, payload, header + b"payments")
    assert opened(stored, kind) == Record(kind, "payments", KEY_ID, payload)
    ours = record.seal(Record(kind, "payments", KEY_ID, payload), MASTERS)
    assert len(ours) == len(stored) == length
    assert ours[:35] == header


def test_the_newest_master_key_seals_and_each_opens() -> None:
    """Its id is in the record, for anyone to see."""
    old, new = MasterKey(b"o" * 32), MasterKey(b"n" * 32)
    for masters, sealed_by in ((MasterKeys([old, new]), new), (MasterKeys([new, old]), old)):
        stored = record.seal(RECORDS[0], masters)
        assert record.master_id(stored, Kind.KEY, NAME) == sealed_by.id
        assert opened(stored, Kind.KEY, MasterKeys([old, new])) == RECORDS[0]
        assert opened(stored, Kind.KEY, MasterKeys([sealed_by])) == RECORDS[0]


def test_another_master_key_is_told_which_one_is_needed() -> None:
    """The message names the object."""
    other = MasterKey(b"o" * 32)
    with pytest.raises(WrongMasterKey, match=f"^{NAME}: wrapped with master key {MASTER.id}"):
        opened(record.seal(RECORDS[0], MASTERS), Kind.KEY, MasterKeys([other]))


def test_a_record_is_good_for_one_keyring_and_one_kind() -> None:
    """Who can write to the storage can't move records about."""
    stored = record.seal(RECORDS[0], MASTERS)
    with pytest.raises(DamagedRecord, match="comes from another keyring"):
        record.open(stored, Kind.KEY, "payroll", MASTERS, NAME)
    for kind in (Kind.CURRENT, Kind.USES):
        with pytest.raises(DamagedRecord, match="is no such record"):
            opened(stored, kind)
        with pytest.raises(DamagedRecord):
            opened(kind.value + stored[2:], kind)


@pytest.mark.parametrize("each", RECORDS, ids=lambda each: str(each.kind.name))
def test_each_flipped_bit_is_refused(each: Record) -> None:
    """In the master key's id it means another master key, elsewhere damage."""
    stored = record.seal(each, MASTERS)
    for bit in range(len(stored) * 8):
        damaged = bytearray(stored)
        damaged[bit // 8] ^= 1 << bit % 8
        of_master = MASTER_ID.start <= bit // 8 < MASTER_ID.stop
        with pytest.raises(WrongMasterKey if of_master else DamagedRecord):
            opened(bytes(damaged), each.kind)


@pytest.mark.parametrize("each", RECORDS, ids=lambda each: str(each.kind.name))
def test_each_other_length_is_refused(each: Record) -> None:
    """Cut off anywhere, or with something behind it."""
    stored = record.seal(each, MASTERS)
    for length in range(len(stored)):
        with pytest.raises(DamagedRecord):
            opened(stored[:length], each.kind)
    with pytest.raises(DamagedRecord, match=f"{len(stored) + 1} bytes are stored, not"):
        opened(stored + b"\0", each.kind)


def test_a_later_version_is_named() -> None:
    """An old release says that a newer one wrote it, not that it is broken."""
    with pytest.raises(DamagedRecord, match="stored in version 2, and this vault reads version 1"):
        opened(b"BK\x02whatever comes", Kind.KEY)
