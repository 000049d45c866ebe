"""SIGTERM, which Bazel sends at a test's timeout, ends pytest in good order.

The stacks of all threads go to standard error at once, the running test fails with the
traceback of where it was, its fixtures are torn down and the reports are written.
"""

import faulthandler
import os
import signal
from collections.abc import Generator
from types import FrameType

import pytest


class Ending:
    """A pytest plugin; make it before pytest captures standard error."""

    def __init__(self, timeout_s: str) -> None:
        limit = f" (its time limit is {timeout_s} s)" if timeout_s else ""
        self._reason = f"ended by SIGTERM{limit}"
        self._session: pytest.Session | None = None
        self._in_test = False
        self._ended = False
        signal.signal(signal.SIGTERM, self._end)
        # Written by the C handler: it tells even when Python cannot run.
        faulthandler.register(signal.SIGTERM, file=os.dup(2), all_threads=True, chain=True)

    def _end(self, _signal: int, _frame: FrameType | None) -> None:
        __tracebackhide__ = True
        if self._ended:
            return  # Bazel may signal the process and its group: teardown is under way
        self._ended = True
        if self._session:
            self._session.shouldstop = self._reason
        if self._in_test:
            # Not an Exception, so that code under test does not swallow it.
            pytest.fail(self._reason)
        raise KeyboardInterrupt(self._reason)

    def pytest_sessionstart(self, session: pytest.Session) -> None:
        """Remembers whom to stop."""
        self._session = session

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_setup(self) -> Generator[None]:
        """Marks the time in which a failure belongs to a test."""
        yield from self._test_phase()

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_call(self) -> Generator[None]:
        """Marks the time in which a failure belongs to a test."""
        yield from self._test_phase()

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_teardown(self) -> Generator[None]:
        """Marks the time in which a failure belongs to a test."""
        yield from self._test_phase()

    def _test_phase(self) -> Generator[None]:
        self._in_test = True
        try:
            yield
        finally:
            self._in_test = False
