"""What a seal promises."""

import pytest

from services.vault.keyring.cipher import KEY_BYTES, OVERHEAD_BYTES, BadSeal, Cipher

KEY = bytes(range(KEY_BYTES))


@pytest.mark.parametrize("plaintext", [b"", b"x", bytes(range(256)), b"\0" * 100_000])
def test_any_bytes_come_back(plaintext: bytes) -> None:
    """Empty ones, too; the seal adds 28 bytes."""
    sealed = Cipher(KEY).seal(plaintext, b"where")
    assert len(sealed) == len(plaintext) + OVERHEAD_BYTES
    assert Cipher(KEY).open(sealed, b"where") == plaintext


def test_the_same_plaintext_is_never_sealed_alike() -> None:
    """Who sees two sealed values can't tell whether they are equal."""
    cipher = Cipher(KEY)
    assert len({cipher.seal(b"same", b"") for _ in range(1000)}) == 1000


def test_each_flipped_bit_is_refused() -> None:
    """In the nonce, in the ciphertext and in the tag."""
    cipher = Cipher(KEY)
    sealed = cipher.seal(b"value", b"where")
    for bit in range(len(sealed) * 8):
        damaged = bytearray(sealed)
        damaged[bit // 8] ^= 1 << bit % 8
        with pytest.raises(BadSeal):
            cipher.open(bytes(damaged), b"where")


def test_each_truncation_is_refused() -> None:
    """Also one that leaves less than a nonce and a tag."""
    cipher = Cipher(KEY)
    sealed = cipher.seal(b"value", b"where")
    for length in range(len(sealed)):
        with pytest.raises(BadSeal):
            cipher.open(sealed[:length], b"where")


def test_other_associated_data_and_another_key_are_refused() -> None:
    """A seal holds for one key at one place."""
    sealed = Cipher(KEY).seal(b"value", b"here")
    with pytest.raises(BadSeal):
        Cipher(KEY).open(sealed, b"there")
    with pytest.raises(BadSeal):
        Cipher(bytes(KEY_BYTES)).open(sealed, b"here")
