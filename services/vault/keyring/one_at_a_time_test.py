"""Of threads that need the same thing, one gets it, and one finds that it can't be had."""

import threading
from concurrent.futures import Future, ThreadPoolExecutor
from typing import ClassVar

import pytest

from pkg.testutil import eventually
from services.vault.errors import StorageUnavailable, VaultError
from services.vault.keyring import one_at_a_time
from services.vault.keyring.one_at_a_time import OneAtATime

THREADS = 8


class Counted:
    """A lock that tells how many have asked for it."""

    asked: ClassVar[list[threading.Thread]] = []

    def __init__(self) -> None:
        self._lock = threading.Lock()

    def __enter__(self) -> None:
        Counted.asked.append(threading.current_thread())
        self._lock.acquire()

    def __exit__(self, *_: object) -> None:
        self._lock.release()


@pytest.fixture
def turns(monkeypatch: pytest.MonkeyPatch) -> OneAtATime:
    """Few locks, so that names share them."""
    monkeypatch.setattr(one_at_a_time, "Lock", Counted)
    monkeypatch.setattr(one_at_a_time, "_LOCKS", 1)
    monkeypatch.setattr(Counted, "asked", [])
    return OneAtATime()


def outcomes(turns: OneAtATime, error: VaultError | None, *names: str) -> list[Future[None]]:
    """What comes of a thread in a block of the first name, which fails or not when all the others
    wait; of theirs none fails by itself."""
    begun, go_on = threading.Event(), threading.Event()

    def first() -> None:
        with turns(names[0]):
            begun.set()
            go_on.wait(30)
            if error:
                raise error

    def later(name: str) -> None:
        with turns(name):
            pass

    with ThreadPoolExecutor(len(names)) as pool:
        ends = [pool.submit(first)]
        try:
            assert begun.wait(30)
            ends += [pool.submit(later, name) for name in names[1:]]
            eventually(lambda: len(Counted.asked) == len(names))
        finally:
            go_on.set()
    return ends


def test_who_waited_for_one_that_the_storage_failed_fails_with_it(turns: OneAtATime) -> None:
    """Without asking: each would wait for the storage as long again, one after the other. Who
    comes later asks anew."""
    ends = outcomes(turns, StorageUnavailable("no answer"), *["payments"] * THREADS)
    for end in ends:
        with pytest.raises(StorageUnavailable, match="no answer"):
            end.result()
    with turns("payments"):
        pass


def test_another_name_is_not_told(turns: OneAtATime) -> None:
    """Though both share a lock."""
    _, other = outcomes(turns, StorageUnavailable("no answer"), "payments", "payroll")
    other.result()


@pytest.mark.parametrize("error", [None, VaultError("a fault of its own")])
def test_who_waited_for_another_end_has_its_turn(
    turns: OneAtATime, error: VaultError | None
) -> None:
    _, *later = outcomes(turns, error, *["payments"] * THREADS)
    for end in later:
        end.result()
