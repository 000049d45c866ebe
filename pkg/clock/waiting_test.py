"""Code that waits by the test clock goes on when the test moves it, and not before."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest

from pkg.clock import Clock, FakeClock, SystemClock, fake


@contextmanager
def running(code: Callable[[], object]) -> Iterator[threading.Thread]:
    """Code in a thread, which has to end with the block."""
    thread = threading.Thread(target=code, daemon=True)
    thread.start()
    yield thread
    thread.join(10)
    assert not thread.is_alive()


def test_a_sleep_ends_when_its_time_has_passed() -> None:
    """In steps, too."""
    clock = FakeClock()
    woken: list[float] = []

    def code() -> None:
        clock.sleep(5)
        woken.append(clock.monotonic())

    with running(code):
        clock.until_waiting()
        clock.advance(4)
        clock.until_waiting()
        assert not woken
        clock.advance(1)
    assert woken == [5.0]


def test_a_clock_that_is_set_wakes_nobody() -> None:
    """No time has passed by it."""
    clock = FakeClock()
    with running(lambda: clock.sleep(5)):
        clock.until_waiting()
        clock.step(timedelta(hours=1))
        clock.step(timedelta(hours=-2))
        clock.until_waiting()
        clock.advance(5)


def test_a_loop_runs_once_for_each_time() -> None:
    """And ends when it is told to, without its time passing."""
    clock = FakeClock()
    stop = clock.event()
    runs: list[float] = []

    def code() -> None:
        while not stop.wait(60):
            runs.append(clock.monotonic())

    with running(code):
        for _ in range(3):
            clock.until_waiting()
            clock.advance(60)
        clock.until_waiting()
        stop.set()
    assert runs == [60.0, 120.0, 180.0]


@pytest.mark.parametrize("clock", [FakeClock(), SystemClock()], ids=["fake", "system"])
def test_an_event_that_has_happened_is_not_waited_for(clock: Clock) -> None:
    """Nor does one that has not happened say that it has."""
    event = clock.event()
    assert not event.is_set()
    assert not event.wait(0)
    event.set()
    assert event.is_set()
    assert event.wait(3600)
    assert event.wait()


def test_all_who_wait_are_told() -> None:
    """Each by its own time."""
    clock = FakeClock()
    woken: list[int] = []
    lock = threading.Lock()

    def sleeper(seconds: int) -> None:
        clock.sleep(seconds)
        with lock:
            woken.append(seconds)

    with running(lambda: sleeper(1)), running(lambda: sleeper(2)), running(lambda: sleeper(3)):
        clock.until_waiting(3)
        clock.advance(3)
    assert sorted(woken) == [1, 2, 3]


def test_a_test_whose_code_never_waits_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Instead of standing still for ever."""
    monkeypatch.setattr(fake, "_PATIENCE_SECONDS", 0.01)
    with pytest.raises(TimeoutError, match=r"0 wait.*does the code under test wait by this clock"):
        FakeClock().until_waiting()


def test_the_machines_clock_lets_time_pass() -> None:
    """A sleep takes at least its time."""
    clock = SystemClock()
    before = clock.monotonic()
    clock.sleep(0.01)
    assert clock.monotonic() - before >= 0.01
