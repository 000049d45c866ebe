"""Shows how far the steps of a set-up are, also when several run side by side.

On a terminal there is one live line per running step. Elsewhere each step prints a line when it
starts and one when it ends, and in between a sign of life now and then. All goes to stderr.
"""

import shutil
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

HEARTBEAT_SECONDS = 20.0
_REDRAW_SECONDS = 0.2
_CLEAR_LINE = "\r\x1b[K"
_LINE_UP = "\x1b[A"


class Step:
    """One running step. `at` may be called from any thread."""

    def __init__(self, name: str, started: float) -> None:
        self.name = name
        self.started = started
        self.spoke = started
        self._where = ""
        self._count = ""

    def at(self, what: str, done: int = 0, total: int = 0) -> None:
        """Says what the step does now, and how many of its parts it has reached, if known."""
        self._where = what
        if total:
            self._count = f"{done} of {total} steps"

    def line(self, now: float) -> str:
        """The step while it runs: `image redis: 12 s, 3 of 8 steps, RUN apt-get`."""
        parts = [f"{now - self.started:.0f} s", self._count, self._where]
        return f"{self.name}: " + ", ".join(part for part in parts if part)

    def end(self, now: float) -> str:
        """The step that succeeded: `image redis: 12.3 s, 8 of 8 steps`."""
        parts = [f"{now - self.started:.1f} s", self._count]
        return f"{self.name}: " + ", ".join(part for part in parts if part)


class Progress:
    """Where steps are reported. Thread safe.

    Args:
        out: where it is written; stderr when None.
        live: whether lines are redrawn in place; when None, whether `out` is a terminal.
        clock: seconds, for tests.
    """

    def __init__(
        self,
        out: TextIO | None = None,
        live: bool | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._out = out or sys.stderr
        self._live = self._out.isatty() if live is None else live
        self._clock = clock
        self._lock = threading.Lock()
        self._running: list[Step] = []
        self._drawn = 0
        self._ticker: threading.Thread | None = None
        self._ended = threading.Event()

    @contextmanager
    def step(self, name: str) -> Iterator[Step]:
        """Shows a step while the block runs, then what it took, or that it failed."""
        step = Step(name, self._clock())
        self._begin(step)
        try:
            yield step
        except BaseException:
            self._end(step, f"{name}: failed after {self._clock() - step.started:.0f} s")
            raise
        self._end(step, step.end(self._clock()))

    def say(self, text: str) -> None:
        """Prints a line of its own above the running steps."""
        with self._lock:
            self._print(text)

    def tick(self) -> None:
        """Redraws the live lines, or gives a sign of life of steps that were long silent."""
        with self._lock:
            now = self._clock()
            if self._live:
                self._erase()
                self._draw(now)
                return
            for step in self._running:
                if now - step.spoke >= HEARTBEAT_SECONDS:
                    step.spoke = now
                    self._print(step.line(now))

    def _begin(self, step: Step) -> None:
        with self._lock:
            self._running.append(step)
            if not self._live:
                self._print(f"{step.name} …")
            if self._ticker is None:
                self._ended = threading.Event()
                self._ticker = threading.Thread(
                    target=self._tick_until, args=[self._ended], daemon=True
                )
                self._ticker.start()

    def _end(self, step: Step, text: str) -> None:
        with self._lock:
            self._running.remove(step)
            self._print(text)
            if not self._running:
                self._ended.set()
                self._ticker = None

    def _tick_until(self, ended: threading.Event) -> None:
        while not ended.wait(_REDRAW_SECONDS if self._live else 1.0):
            self.tick()

    def _print(self, text: str) -> None:
        self._erase()
        self._out.write(text + "\n")
        if self._live:
            self._draw(self._clock())
        self._out.flush()

    def _erase(self) -> None:
        if self._drawn:
            self._out.write((_LINE_UP + _CLEAR_LINE) * self._drawn)
            self._drawn = 0

    def _draw(self, now: float) -> None:
        width = shutil.get_terminal_size().columns - 1
        for step in self._running:
            self._out.write(step.line(now)[:width] + "\n")
        self._drawn = len(self._running)
        self._out.flush()
