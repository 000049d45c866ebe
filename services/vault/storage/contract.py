"""What every storage promises: checks that each one's test runs on an empty one."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from secrets import token_bytes
from threading import Barrier

from services.vault.storage.storage import Storage, Stored

_AT_A_TIME = 8
_ROUNDS = 10


def an_object_is_created_once(storage: Storage) -> None:
    """The first content stays, whoever tries; every byte comes back."""
    every_byte = bytes(range(256))
    assert storage.get("a/b") is None
    assert storage.create("a/b", every_byte)
    assert not storage.create("a/b", b"second")
    assert content(storage, "a/b") == every_byte
    assert storage.create("empty", b"")
    assert not storage.create("empty", b"second")
    assert content(storage, "empty") == b""


def an_object_is_replaced_by_who_has_seen_it(storage: Storage) -> None:
    """With the version that was read, once; neither with an older one nor where nothing is."""
    assert storage.create("a", b"first")
    first = storage.get("a")
    assert first is not None
    assert storage.replace("a", b"second", first.version)
    assert not storage.replace("a", b"third", first.version)
    assert content(storage, "a") == b"second"
    assert not storage.replace("b", b"of something that is gone", first.version)
    assert storage.get("b") is None


def of_several_that_create_at_a_time_one_does(storage: Storage) -> None:
    """And its content is the one that is found."""
    for turn in range(_ROUNDS):
        name = f"object-{turn}"
        created = _race(partial(storage.create, name))
        assert created == [content(storage, name)]


def of_several_that_replace_at_a_time_one_does(storage: Storage) -> None:
    """All have read the same version."""
    assert storage.create("a", b"first")
    for _ in range(_ROUNDS):
        seen = storage.get("a")
        assert seen is not None
        replaced = _race(partial(storage.replace, "a", version=seen.version))
        assert replaced == [content(storage, "a")]


def names_are_listed_in_order_and_in_parts(storage: Storage) -> None:
    """Those with the prefix, folders included; a part begins after the last name of another."""
    for name in ("b/2", "b/1/x", "a", "b/1/y", "c", "bb"):
        assert storage.create(name, b"1")
    assert storage.names("b/", "", 10) == ["b/1/x", "b/1/y", "b/2"]
    assert storage.names("", "", 2) == ["a", "b/1/x"]
    assert storage.names("", "b/1/x", 2) == ["b/1/y", "b/2"]
    assert storage.names("", "b/1/y", 10) == ["b/2", "bb", "c"]
    assert storage.names("nothing/", "", 10) == []


CHECKS: list[Callable[[Storage], None]] = [
    an_object_is_created_once,
    an_object_is_replaced_by_who_has_seen_it,
    of_several_that_create_at_a_time_one_does,
    of_several_that_replace_at_a_time_one_does,
    names_are_listed_in_order_and_in_parts,
]


def content(storage: Storage, name: str) -> bytes:
    """The content of an object that is there."""
    found: Stored | None = storage.get(name)
    assert found is not None
    return found.content


def _race(write: Callable[[bytes], bool]) -> list[bytes]:
    """The contents of which it was said that they were written, of those all at the same time."""
    start = Barrier(_AT_A_TIME)

    def one(number: int) -> bytes | None:
        # Different each time: a version may be a hash of the content.
        mine = b"by %d: %s" % (number, token_bytes(8))
        start.wait()
        return mine if write(mine) else None

    with ThreadPoolExecutor(_AT_A_TIME) as pool:
        return [won for won in pool.map(one, range(_AT_A_TIME)) if won is not None]
