"""The guard: a process that removes what its holder was about to start when it was killed.

Its standard input is its holder's only hold on it:

    +NAME    the container NAME is about to be made
    -NAME    it runs, or there is nothing of it
    !NAME    its start was interrupted: whatever is or will be there of it has to go

At end-of-file it removes what is still about to be made, and ends.
"""

import os
import sys
import time
from collections.abc import Iterable

# The engine may still be making a container that it was asked for a moment ago.
_SETTLE_SECONDS = 5.0
_FIRST_PAUSE = 0.02
_LONGEST_PAUSE = 0.25
_ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def main(commands: Iterable[str]) -> None:
    """The guard itself."""
    pending: set[str] = set()
    for line in commands:
        sign, name = line[0], line[1:].rstrip("\n")
        if sign == "+":
            pending.add(name)
        else:
            pending.discard(name)
        if sign == "!":
            _remove({name})
    if pending:
        _remove(pending)


def _remove(names: set[str]) -> None:
    """Removes containers, also such as the engine has yet to make."""
    # Not before: nearly every guard ends without it.
    from pkg.dockertest import engine
    from pkg.dockertest.errors import EngineError, EngineUnavailable

    left = set(names)
    at = engine.connect()
    deadline = time.monotonic() + _SETTLE_SECONDS
    pause = _FIRST_PAUSE
    while left and time.monotonic() < deadline:
        for name in sorted(left):
            try:
                at.request("DELETE", f"/containers/{name}", {"force": 1, "v": 1})
                left.discard(name)
            except EngineError as error:
                if error.status == 409:  # it is being removed already
                    left.discard(name)
            except EngineUnavailable:
                return
        time.sleep(pause)
        pause = min(pause * 1.5, _LONGEST_PAUSE)


if __name__ == "__main__":
    sys.path.insert(0, _ROOT)
    main(sys.stdin)
