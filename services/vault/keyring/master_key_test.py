"""What a master key promises."""

import copy
import pickle

import pytest

from services.vault.errors import InvalidInput
from services.vault.keyring import MasterKey

SECRET = bytes(range(32))


def test_generated_keys_differ() -> None:
    """Each call makes another one, with another id."""
    keys = [MasterKey.generate() for _ in range(100)]
    assert len({key.reveal() for key in keys}) == 100
    assert len({key.id for key in keys}) == 100


def test_a_key_survives_being_written_down() -> None:
    """What reveal() wrote makes the same key again, with the newline of a file."""
    key = MasterKey.generate()
    again = MasterKey.from_hex(key.reveal() + "\n")
    assert again == key
    assert hash(again) == hash(key)
    assert again.id == key.id
    assert key != MasterKey.generate()
    assert key != key.reveal()


def test_an_id_stays_what_it_is() -> None:
    """It is stored with every data key, so that no release may change how it is made."""
    assert MasterKey(SECRET).id == "333c5dd6cf607702c5c4ff364bfd38b8"


def test_what_a_key_prints_is_its_id() -> None:
    """No way of printing, formatting or listing shows the secret."""
    key = MasterKey(SECRET)
    for shown in (repr(key), str(key), f"{key}", f"{[key]}", repr(dir(key))):
        assert key.reveal() not in shown
        assert repr(SECRET) not in shown
    assert repr(key) == f"MasterKey(id={key.id})"
    assert not hasattr(key, "__dict__")


def test_a_key_is_neither_pickled_nor_copied() -> None:
    """A queue, a cache or another process never gets it in passing."""
    for leak in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match="not pickled"):
            leak(MasterKey(SECRET))


@pytest.mark.parametrize("length", [0, 16, 31, 33, 64])
def test_other_lengths_than_32_bytes_are_refused(length: int) -> None:
    """AES-128 is no option: the format has one kind of key."""
    with pytest.raises(InvalidInput, match=f"32 bytes, not {length}"):
        MasterKey(b"k" * length)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "00",
        SECRET.hex()[:-1],
        SECRET.hex() + "0",
        "g" * 64,
        "é" * 64,
        SECRET.hex(" "),
        "0 " * 32,
    ],
)
def test_a_text_that_is_no_key_is_refused_unseen(text: str) -> None:
    """The message says how long it was, and shows none of it: it may be most of a secret."""
    with pytest.raises(InvalidInput, match="64 hexadecimal digits") as refused:
        MasterKey.from_hex(text)
    assert f"{len(text.strip())} characters" in str(refused.value)
    assert SECRET.hex()[:8] not in str(refused.value)
