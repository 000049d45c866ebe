"""Waiting for what happens soon, without a fixed pause."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def eventually(check: Callable[[], T], *, within: float = 10.0, every: float = 0.02) -> T:
    """Calls `check` until it holds, and returns what it returned.

    It holds when it neither raises AssertionError nor returns False; None counts as success, so
    that a function of asserts will do. Any other exception is raised at once.

    Args:
        check: what shall hold.
        within: seconds to go on trying; `check` is called at least once.
        every: seconds between two calls.

    Raises:
        AssertionError: it did not hold in time; the message has the last failure and the number
            of tries.
    """
    deadline = time.monotonic() + within
    tries = 0
    while True:
        tries += 1
        failure: AssertionError | None = None
        try:
            result = check()
        except AssertionError as error:
            failure = error
        else:
            if result is not False:
                return result
        left = deadline - time.monotonic()
        if left <= 0:
            times = "1 try" if tries == 1 else f"{tries} tries"
            last = "it returned False" if failure is None else str(failure) or repr(failure)
            raise AssertionError(f"not within {within:g} s ({times}): {last}") from failure
        time.sleep(min(every, left))
