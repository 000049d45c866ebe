"""Does several things at once, and leaves at once when it is interrupted."""

import threading
from collections.abc import Callable


def run(*calls: Callable[[], object]) -> None:
    """Makes all calls at once and returns when all have ended.

    An interrupt does not wait for them: they end with the process.

    Raises:
        the first call's error, in the order of the calls, when all have ended.
    """
    errors: dict[int, BaseException] = {}

    def make(number: int) -> None:
        try:
            calls[number]()
        except BaseException as error:
            errors[number] = error

    # Not an executor, whose threads Python waits for at its own end.
    threads = [
        threading.Thread(target=make, args=[number], daemon=True) for number in range(len(calls))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[min(errors)]
