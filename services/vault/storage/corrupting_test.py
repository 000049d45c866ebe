"""What the damage is."""

import pytest

from services.vault.storage import MemoryStorage
from services.vault.storage.contract import content
from services.vault.storage.corrupting import CorruptingStorage


@pytest.mark.parametrize(
    ("bit", "seen"),
    [(0, b"\x01\x00"), (7, b"\x80\x00"), (8, b"\x00\x01"), (15, b"\x00\x80"), (-1, b"\x00\x80")],
)
def test_one_bit_is_flipped(bit: int, seen: bytes) -> None:
    """In what is read; what is stored stays as it is."""
    storage = MemoryStorage()
    corrupting = CorruptingStorage(storage, flip_bit=bit)
    assert corrupting.create("a", b"\0\0")
    assert content(corrupting, "a") == seen
    assert content(storage, "a") == b"\0\0"


def test_others_are_left_alone() -> None:
    """Objects without the part in their name, and those that are not there."""
    storage = MemoryStorage()
    storage.create("keys/a", b"\0")
    storage.create("current", b"\0")
    corrupting = CorruptingStorage(storage, flip_bit=0, only="keys/")
    assert content(corrupting, "keys/a") == b"\1"
    assert content(corrupting, "current") == b"\0"
    assert corrupting.get("keys/b") is None


@pytest.mark.parametrize("bit", [8, -9])
def test_a_bit_that_is_not_there_is_an_error(bit: int) -> None:
    """A fault that does nothing would make a test that can't fail."""
    storage = MemoryStorage()
    storage.create("a", b"\0")
    with pytest.raises(IndexError, match="a has 8 bits"):
        CorruptingStorage(storage, flip_bit=bit).get("a")
