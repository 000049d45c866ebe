"""What the format of a stored data key promises."""

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from services.vault.errors import Damaged, WrongMasterKey
from services.vault.keyring import DataKey, MasterKey
from services.vault.keyring.wrapped import unwrap, wrap

MASTER = MasterKey(bytes(range(32)))
KEY = DataKey("0f" * 16, b"d" * 32)
MASTER_ID = slice(3, 19)


def test_a_wrapped_key_comes_back() -> None:
    """The same id, the same secret, and neither is the secret in what is stored."""
    stored = wrap(KEY, "payments", MASTER)
    assert unwrap(stored, "payments", KEY.id, MASTER).secret == KEY.secret
    assert KEY.secret not in stored
    assert "d" * 8 not in repr(KEY)


def test_the_bytes_are_as_documented() -> None:
    """Written by hand after docs/vault.md: a change needs a new version, for keys are kept."""
    header = b"BK\x01" + bytes.fromhex(MASTER.id) + bytes.fromhex(KEY.id)
    nonce = b"n" * 12
    gcm = AESGCM(bytes(range(32)))
    stored = header + nonce + gcm.encrypt(nonce, KEY.secret, header + b"payments")
    assert len(stored) == len(wrap(KEY, "payments", MASTER)) == 95
    assert wrap(KEY, "payments", MASTER)[:35] == header
    assert unwrap(stored, "payments", KEY.id, MASTER).secret == KEY.secret


def test_another_master_key_is_told_which_one_is_needed() -> None:
    """The message has both ids, and no secret."""
    other = MasterKey(b"o" * 32)
    with pytest.raises(WrongMasterKey) as refused:
        unwrap(wrap(KEY, "payments", MASTER), "payments", KEY.id, other)
    assert (refused.value.needed, refused.value.given) == (MASTER.id, other.id)
    assert f"wrapped with master key {MASTER.id}, and this vault has {other.id}" in str(
        refused.value
    )
    assert MASTER.reveal() not in str(refused.value)
    assert other.reveal() not in str(refused.value)


def test_a_key_does_not_work_in_another_keyring_or_under_another_id() -> None:
    """Who can write to the storage can't move keys about."""
    stored = wrap(KEY, "payments", MASTER)
    with pytest.raises(Damaged, match="comes from another keyring"):
        unwrap(stored, "payroll", KEY.id, MASTER)
    with pytest.raises(Damaged, match=f"another data key, {KEY.id}, is stored in its place"):
        unwrap(stored, "payments", "aa" * 16, MASTER)


def test_each_flipped_bit_is_refused() -> None:
    """In the master key's id it means another master key, elsewhere damage."""
    stored = wrap(KEY, "payments", MASTER)
    for bit in range(len(stored) * 8):
        damaged = bytearray(stored)
        damaged[bit // 8] ^= 1 << bit % 8
        of_master = MASTER_ID.start <= bit // 8 < MASTER_ID.stop
        with pytest.raises(WrongMasterKey if of_master else Damaged):
            unwrap(bytes(damaged), "payments", KEY.id, MASTER)


def test_each_other_length_is_refused() -> None:
    """Cut off anywhere, or with something behind it."""
    stored = wrap(KEY, "payments", MASTER)
    for length in range(len(stored)):
        with pytest.raises(Damaged):
            unwrap(stored[:length], "payments", KEY.id, MASTER)
    with pytest.raises(Damaged, match="96 bytes are stored, not 95"):
        unwrap(stored + b"\0", "payments", KEY.id, MASTER)


def test_a_later_version_is_named() -> None:
    """An old release says that a newer one wrote it, not that it is broken."""
    with pytest.raises(Damaged, match="stored in version 2, and this vault reads version 1"):
        unwrap(b"BK\x02whatever comes", "payments", KEY.id, MASTER)
