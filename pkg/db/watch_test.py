"""What has no time left is ended, once, and nothing else."""

import threading

from pkg.clock import FakeClock
from pkg.db.watch import Watch
from pkg.testutil import eventually


def test_a_function_is_called_at_its_moment(clock: FakeClock) -> None:
    """Not before it."""
    watch, called = Watch(clock), threading.Event()
    with watch.at(2.0, called.set):
        clock.until_waiting()
        clock.advance(1.9)
        clock.until_waiting()
        assert not called.is_set()
        clock.advance(0.1)
        assert called.wait(10)
    watch.close()


def test_what_ended_in_time_is_left_alone(clock: FakeClock) -> None:
    """A connection that somebody else has by now is not broken off."""
    watch, called, later = Watch(clock), threading.Event(), threading.Event()
    with watch.at(2.0, called.set):
        clock.until_waiting()
    with watch.at(3.0, later.set):
        clock.advance(5)
        assert later.wait(10)
    assert not called.is_set()
    watch.close()


def test_an_earlier_one_is_not_missed(clock: FakeClock) -> None:
    """The thread sleeps for the first, and is woken for the second."""
    watch, early = Watch(clock), threading.Event()
    with watch.at(100.0, lambda: None):
        clock.until_waiting()
        with watch.at(1.0, early.set):

            def comes() -> bool:
                clock.advance(0.5)
                return early.is_set()

            eventually(comes)
            assert clock.monotonic() < 100
    watch.close()


def test_a_closed_one_calls_nothing(clock: FakeClock) -> None:
    """And its thread has ended."""
    watch, called = Watch(clock), threading.Event()
    with watch.at(1.0, called.set):
        clock.until_waiting()
        watch.close()
        clock.advance(2)
    assert not called.is_set()
    assert "db-watch" not in {thread.name for thread in threading.enumerate()}
