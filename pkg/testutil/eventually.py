"""Waiting for what happens soon, without a fixed pause."""

import inspect
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def eventually(check: Callable[[], T], *, within: float = 30.0, every: float = 0.02) -> T:
    """Calls `check` until it holds, and returns what it returned.

    It holds when it returns what is true as a condition (not False, None, 0 or empty). A function
    of asserts, which returns None when all of them hold, holds then, too: None counts from
    whatever `def` has defined, and not from a lambda or a partial. An AssertionError means that
    it does not hold yet; any other exception is raised at once.

    Args:
        check: what shall hold.
        within: seconds to go on trying; `check` is called at least once.
        every: seconds between two calls.

    Raises:
        AssertionError: it did not hold in time; the message has the last failure and the number
            of tries.
    """
    # `lambda: client.get(key)` has found nothing when it returns None.
    asserts = inspect.isroutine(check) and check.__name__ != "<lambda>"
    deadline = time.monotonic() + within
    tries = 0
    while True:
        tries += 1
        failure: AssertionError | None = None
        try:
            result = check()
        except AssertionError as error:
            failure, last = error, str(error) or repr(error)
        else:
            if result or (result is None and asserts):
                return result
            last = f"it returned {result!r}"
        left = deadline - time.monotonic()
        if left <= 0:
            times = "1 try" if tries == 1 else f"{tries} tries"
            raise AssertionError(f"not within {within:g} s ({times}): {last}") from failure
        time.sleep(min(every, left))
