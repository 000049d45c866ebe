"""What holds for the formats whatever the bytes are."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from services.vault.errors import Damaged, DamagedRecord, InvalidInput, WrongMasterKey
from services.vault.keyring import DataKey, MasterKey, MasterKeys, envelope, record
from services.vault.keyring.name import checked
from services.vault.keyring.record import Kind, Record
from services.vault.testutil.examples import examples

NAMES = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}", fullmatch=True)
IDS = st.binary(min_size=16, max_size=16).map(bytes.hex)
SECRETS = st.binary(min_size=32, max_size=32)
KINDS = st.sampled_from(Kind)

MASTERS = MasterKeys([MasterKey(b"o" * 32), MasterKey(b"n" * 32)])
KEY = DataKey("payments", "0f" * 16, b"d" * 32)


@st.composite
def records(draw: st.DrawFn) -> Record:
    """Any record."""
    kind = draw(KINDS)
    payload = draw(st.binary(min_size=kind.payload_bytes, max_size=kind.payload_bytes))
    return Record(kind, draw(NAMES), draw(IDS), payload)


@st.composite
def changed(draw: st.DrawFn, whole: bytes) -> bytes:
    """Bytes that were made of others: some replaced, removed, inserted or repeated."""
    found = bytearray(whole)
    for _ in range(draw(st.integers(1, 4))):
        begin = draw(st.integers(0, len(found)))
        end = draw(st.integers(begin, len(found)))
        found[begin:end] = draw(
            st.binary(max_size=8)
            | st.just(b"")
            | st.just(bytes(found[begin:end]) * 2)
            | st.binary(min_size=end - begin, max_size=end - begin)
        )
    assume(found != whole)
    return bytes(found)


@examples(150)
@given(NAMES, IDS, SECRETS, st.binary(max_size=300))
def test_any_plaintext_comes_back(
    keyring: str, key_id: str, secret: bytes, plaintext: bytes
) -> None:
    """By any data key of any keyring; another instance's key is the same one."""
    ciphertext = DataKey(keyring, key_id, secret).encrypt(plaintext)
    assert envelope.key_id(ciphertext) == key_id
    assert len(ciphertext) == len(plaintext) + envelope.OVERHEAD_BYTES
    assert DataKey(keyring, key_id, secret).decrypt(ciphertext) == plaintext


@examples(150)
@given(st.binary(max_size=200), NAMES)
def test_any_bytes_are_a_ciphertext_or_damaged(found: bytes, keyring: str) -> None:
    """No other error, and nothing that was not encrypted decrypts."""
    with pytest.raises(Damaged):
        DataKey(keyring, envelope.key_id(found), b"d" * 32).decrypt(found)


@examples(150)
@given(st.data(), st.binary(max_size=100))
def test_a_changed_ciphertext_never_decrypts(data: st.DataObject, plaintext: bytes) -> None:
    """Whatever was done to it; where it names another data key, that one refuses it, too."""
    found = data.draw(changed(KEY.encrypt(plaintext)))
    with pytest.raises(Damaged):
        DataKey(KEY.keyring, envelope.key_id(found), KEY.secret).decrypt(found)


@examples(150)
@given(records())
def test_any_record_comes_back(written: Record) -> None:
    """Sealed by the newest of several master keys, opened by it alone."""
    stored = record.seal(written, MASTERS)
    newest = MasterKeys([MASTERS.newest])
    assert record.open(stored, written.kind, written.keyring, newest, "a record") == written
    assert record.master_id(stored, written.kind, "a record") == MASTERS.newest.id


@examples(150)
@given(st.binary(max_size=120), KINDS, NAMES)
def test_any_bytes_are_a_record_or_refused(found: bytes, kind: Kind, keyring: str) -> None:
    """No other error, and nothing opens that was not sealed."""
    with pytest.raises((DamagedRecord, WrongMasterKey)):
        record.open(found, kind, keyring, MASTERS, "a record")


@examples(150)
@given(st.data(), records())
def test_a_changed_record_never_opens(data: st.DataObject, written: Record) -> None:
    """Whatever was done to it."""
    found = data.draw(changed(record.seal(written, MASTERS)))
    with pytest.raises((DamagedRecord, WrongMasterKey)):
        record.open(found, written.kind, written.keyring, MASTERS, "a record")


@examples(150)
@given(records(), KINDS, NAMES)
def test_a_record_opens_for_its_kind_and_keyring_only(
    written: Record, kind: Kind, keyring: str
) -> None:
    """Not for any other two."""
    assume((kind, keyring) != (written.kind, written.keyring))
    with pytest.raises(DamagedRecord):
        record.open(record.seal(written, MASTERS), kind, keyring, MASTERS, "a record")


@examples(150)
@given(st.text(max_size=80) | NAMES)
def test_a_name_is_one_part_of_an_objects_name(text: str) -> None:
    """Or it is refused: ASCII, no separator, not longer than it may be."""
    try:
        name = checked(text)
    except InvalidInput:
        return
    assert name == text
    assert name.isascii()
    assert 1 <= len(name) <= 64
    assert not set(name) & set("/\\.\0\n ")
