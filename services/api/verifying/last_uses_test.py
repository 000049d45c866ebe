"""When keys were used last is written behind, and is kept while it can't be."""

import logging
import threading
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial

import pytest

from pkg.clock import FakeClock
from pkg.testutil import eventually
from services.api.verifying import LastUses
from services.api.verifying.last_uses import EVERY_SECONDS

NAMES = [f"key_{n}" for n in range(5)]


class Store:
    """Takes last uses, or raises `error` when there is one.

    Attributes:
        used: the last ones.
        calls: how many keys each call had.
    """

    def __init__(self) -> None:
        self.used: dict[str, datetime] = {}
        self.calls: list[int] = []
        self.error: Exception | None = None

    def write(self, used: Mapping[str, datetime]) -> None:
        """Takes them."""
        self.calls.append(len(used))
        if self.error:
            raise self.error
        self.used |= used

    def was_asked(self, times: int) -> bool:
        """Whether it was, so often."""
        return len(self.calls) == times


@pytest.fixture
def store() -> Store:
    """An empty one."""
    return Store()


def test_it_is_written_every_few_seconds_by_the_clock(store: Store, clock: FakeClock) -> None:
    """All of it together; of each key the last; nothing where nothing was noted."""
    with LastUses(store.write, clock=clock) as uses:
        clock.until_waiting()
        uses.note("key_1", clock.now())
        clock.advance(1)
        for name in ("key_1", "key_2"):
            uses.note(name, clock.now())
        noted = clock.now()
        assert store.calls == []
        clock.advance(EVERY_SECONDS - 1)
        eventually(lambda: store.calls == [2])
        for _ in range(3):
            clock.until_waiting()
            clock.advance(EVERY_SECONDS)
    assert store.used == {"key_1": noted, "key_2": noted}
    assert store.calls == [2]


def test_what_is_left_is_written_at_the_end(store: Store, clock: FakeClock) -> None:
    """Of a graceful stop."""
    with LastUses(store.write, clock=clock) as uses:
        uses.note("key_1", clock.now())
    assert store.used == {"key_1": clock.now()}


def test_nobody_waits_for_a_store_that_hangs(clock: FakeClock) -> None:
    """What is noted meanwhile is written later."""
    begun, may_end = threading.Event(), threading.Event()
    used: dict[str, datetime] = {}

    def write(given: Mapping[str, datetime]) -> None:
        begun.set()
        assert may_end.wait(30)
        used.update(given)

    with LastUses(write, clock=clock) as uses:
        uses.note("key_1", clock.now())
        clock.until_waiting()
        clock.advance(EVERY_SECONDS)
        assert begun.wait(30)
        uses.note("key_2", clock.now())
        may_end.set()
    assert set(used) == {"key_1", "key_2"}


def test_what_the_store_does_not_take_is_kept(
    store: Store, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    """However long; the latest counts. The log has a line for the outage, and one for its end."""
    caplog.set_level(logging.INFO)
    store.error = ConnectionError("db:3306: a secret")
    with LastUses(store.write, clock=clock) as uses:
        for turn in range(1, 4):
            clock.until_waiting()
            uses.note("key_1", clock.now())
            uses.note(f"key_{turn}", clock.now())
            clock.advance(EVERY_SECONDS)
            eventually(partial(store.was_asked, turn))
        last = clock.now() - timedelta(seconds=EVERY_SECONDS)
        clock.until_waiting()
        store.error = None
        clock.advance(EVERY_SECONDS)
        eventually(lambda: store.used)
    assert set(store.used) == {"key_1", "key_2", "key_3"}
    assert store.used["key_1"] == last
    assert [record.getMessage() for record in caplog.records] == [
        "api: when keys were last used is not written for now (ConnectionError)",
        "api: when keys were last used is written again",
    ]


@pytest.mark.parametrize("is_away", [False, True])
def test_memory_is_bounded(store: Store, clock: FakeClock, is_away: bool) -> None:
    """Those noted first go first: between two writes, and while the store is away."""
    with LastUses(store.write, clock=clock, most=3) as uses:
        store.error = ConnectionError() if is_away else None
        for name in NAMES:
            uses.note(name, clock.now())
            if is_away:
                clock.until_waiting()
                clock.advance(EVERY_SECONDS)
                eventually(partial(store.was_asked, NAMES.index(name) + 1))
        store.error = None
    assert list(store.used) == NAMES[2:]


def test_many_are_written_in_pieces(store: Store, clock: FakeClock) -> None:
    """No statement has them all."""
    with LastUses(store.write, clock=clock) as uses:
        for number in range(2500):
            uses.note(f"key_{number}", clock.now())
    assert store.calls == [1000, 1000, 500]
    assert len(store.used) == 2500
