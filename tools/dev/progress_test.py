"""How far steps are is seen on a terminal and in a log."""

import io
import os
import shutil
import threading

import pytest

from tools.dev.progress import HEARTBEAT_SECONDS, Progress


class Clock:
    """Seconds that a test sets."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class Screen(io.StringIO):
    """What a terminal would show of what is written: the only codes are up and clear."""

    def lines(self) -> list[str]:
        lines = [""]
        at = 0
        for part in (
            self.getvalue().replace("\x1b[A", "\0A\0").replace("\x1b[K", "\0K\0").split("\0")
        ):
            if part == "A":
                at -= 1
            elif part == "K":
                lines[at] = ""
            else:
                for index, piece in enumerate(part.split("\n")):
                    if index:
                        at += 1
                        lines += [""] * (at + 1 - len(lines))
                    lines[at] += piece.replace("\r", "")
        return [line for line in lines if line]


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_a_log_has_a_line_at_the_start_and_one_at_the_end(clock: Clock) -> None:
    out = io.StringIO()
    progress = Progress(out, live=False, clock=clock)
    with progress.step("image redis") as step:
        step.at("RUN apt-get", 8, 8)
        clock.now = 12.34
    assert out.getvalue() == "image redis …\nimage redis: 12.3 s, 8 of 8 steps\n"


def test_a_log_gets_a_sign_of_life(clock: Clock) -> None:
    """CI ends what is silent for too long."""
    out = io.StringIO()
    progress = Progress(out, live=False, clock=clock)
    with progress.step("image redis") as step:
        step.at("RUN apt-get", 3, 8)
        clock.now = HEARTBEAT_SECONDS - 1
        progress.tick()
        assert out.getvalue().count("\n") == 1
        clock.now = HEARTBEAT_SECONDS
        progress.tick()
        progress.tick()
    assert out.getvalue().splitlines()[1:-1] == ["image redis: 20 s, 3 of 8 steps, RUN apt-get"]


def test_a_step_that_fails_says_so(clock: Clock) -> None:
    out = io.StringIO()
    progress = Progress(out, live=False, clock=clock)

    def fail() -> None:
        with progress.step("pull x"):
            clock.now = 4
            raise OSError("full")

    with pytest.raises(OSError, match="full"):
        fail()
    assert out.getvalue().endswith("pull x: failed after 4 s\n")


def test_a_terminal_has_a_live_line_for_each_step(clock: Clock) -> None:
    screen = Screen()
    progress = Progress(screen, live=True, clock=clock)
    with progress.step("one") as one, progress.step("two"):
        one.at("begun", 1, 2)
        clock.now = 3
        progress.tick()
        assert screen.lines() == ["one: 3 s, 1 of 2 steps, begun", "two: 3 s"]
        progress.say("something else")
        assert screen.lines() == ["something else", "one: 3 s, 1 of 2 steps, begun", "two: 3 s"]
    assert screen.lines() == ["something else", "two: 3.0 s", "one: 3.0 s, 1 of 2 steps"]


def test_a_live_line_never_wraps(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrapped line would not be erased as a whole."""
    monkeypatch.setattr(shutil, "get_terminal_size", lambda: os.terminal_size((20, 5)))
    screen = Screen()
    progress = Progress(screen, live=True, clock=clock)
    with progress.step("image") as step:
        step.at("x" * 100)
        progress.tick()
        assert max(len(line) for line in screen.lines()) == 19


def test_without_a_terminal_there_are_no_codes() -> None:
    out = io.StringIO()
    with Progress(out).step("one"):
        pass
    assert "\x1b" not in out.getvalue()


def test_steps_may_run_side_by_side() -> None:
    """Every line is whole, whoever writes it."""
    out = io.StringIO()
    progress = Progress(out, live=False)
    start = threading.Barrier(8)

    def work(number: int) -> None:
        start.wait()
        for _ in range(20):
            with progress.step(f"step{number}"):
                progress.tick()

    threads = [threading.Thread(target=work, args=[number]) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    lines = out.getvalue().splitlines()
    assert len(lines) == 8 * 20 * 2
    assert all(line.startswith("step") for line in lines)
