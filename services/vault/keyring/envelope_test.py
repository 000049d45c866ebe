"""What the format of a ciphertext promises."""

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from services.vault.errors import Damaged
from services.vault.keyring import DataKey, envelope

KEY = DataKey("payments", "0f" * 16, b"d" * 32)


@pytest.mark.parametrize("plaintext", [b"", b"x", bytes(range(256)), b"\0" * 100_000])
def test_any_bytes_come_back(plaintext: bytes) -> None:
    """Empty ones, too; a ciphertext is 47 bytes longer and names its data key."""
    ciphertext = KEY.encrypt(plaintext)
    assert len(ciphertext) == len(plaintext) + envelope.OVERHEAD_BYTES == len(plaintext) + 47
    assert envelope.key_id(ciphertext) == KEY.id
    assert KEY.decrypt(ciphertext) == plaintext


def test_the_bytes_are_as_documented() -> None:
    """Written by hand after docs/vault-format.md: a change needs a new version."""
    header = b"BV\x01" + bytes.fromhex(KEY.id)
    nonce = b"n" * 12
    sealed = AESGCM(KEY.secret).encrypt(nonce, b"a secret", header + b"payments")
    assert KEY.decrypt(header + nonce + sealed) == b"a secret"
    assert KEY.encrypt(b"a secret")[:19] == header


def test_what_the_first_release_encrypted_is_readable() -> None:
    """These bytes were kept: a release that does not read them loses its users' data."""
    kept = bytes.fromhex(
        "4256010f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f"
        "3523fef577f7388700136d30ab22df6255e87c0a302ccce62d2fe3611ac638b64dd66b70"
    )
    assert KEY.decrypt(kept) == b"a secret"


def test_each_flipped_bit_is_refused() -> None:
    """In the version, the data key's id, the nonce, the ciphertext and the tag."""
    ciphertext = KEY.encrypt(b"a secret")
    for bit in range(len(ciphertext) * 8):
        damaged = bytearray(ciphertext)
        damaged[bit // 8] ^= 1 << bit % 8
        with pytest.raises(Damaged):
            read(bytes(damaged))


def test_each_truncation_is_refused() -> None:
    """Cut off anywhere, or with something behind it."""
    ciphertext = KEY.encrypt(b"a secret")
    for length in range(len(ciphertext)):
        with pytest.raises(Damaged):
            read(ciphertext[:length])
    with pytest.raises(Damaged, match="was changed"):
        read(ciphertext + b"\0")


def test_another_keyring_and_another_data_key_are_refused() -> None:
    """A ciphertext holds for one keyring, also where two were given the same key."""
    ciphertext = KEY.encrypt(b"a secret")
    with pytest.raises(Damaged, match="of keyring 'payroll'"):
        DataKey("payroll", KEY.id, KEY.secret).decrypt(ciphertext)
    with pytest.raises(Damaged):
        DataKey("payments", KEY.id, b"e" * 32).decrypt(ciphertext)


@pytest.mark.parametrize(
    ("stored", "reason"),
    [
        (b"", "these 0 bytes are no ciphertext of a vault"),
        (b"a secret in plain text", "are no ciphertext of a vault"),
        (b"BV", "these 2 bytes are no ciphertext of a vault"),
        (b"BV\x02" + b"\0" * 60, "a ciphertext of version 2, and this vault reads version 1"),
        (b"BV\x01" + b"\0" * 43, "46 bytes, but the shortest has 47: it was cut off"),
    ],
)
def test_what_is_no_ciphertext_is_told_why(stored: bytes, reason: str) -> None:
    """Something else, a later release's, one that was cut off: three different mistakes."""
    with pytest.raises(Damaged, match=reason):
        envelope.key_id(stored)


def test_a_data_key_shows_no_secret() -> None:
    """It may be printed and logged."""
    assert repr(KEY) == f"DataKey('payments', id={KEY.id})"


def read(ciphertext: bytes) -> bytes:
    """What a vault with one data key does."""
    if envelope.key_id(ciphertext) != KEY.id:
        raise Damaged("another data key")
    return KEY.decrypt(ciphertext)
