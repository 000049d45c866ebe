"""The guard: a process that removes what its holder was about to start when it was killed.

Its standard input is its holder's only hold on it:

    +NAME    the container NAME is about to be made
    -NAME    it runs, or there is nothing of it
    !NAME    its start was interrupted: whatever is or will be there of it has to go

A NAME that begins with network/ is a network's. The engine keeps those that containers are on, and
those end with the holder, so it is asked until it agrees.

At end-of-file it removes what is still about to be made, and ends.
"""

import os
import select
import sys
import time

# The engine may still be making a container that it was asked for a moment ago: a busy one takes
# seconds, also to end those on a network. Until then it may also be away for a while.
_SETTLE_SECONDS = 30.0
_FIRST_PAUSE = 0.02
_LONGEST_PAUSE = 0.25
_PIECE_BYTES = 65536
_NETWORK = "network/"
_ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def main(commands: int) -> None:
    """The guard itself; `commands` is what it reads from."""
    # What it will need, now: a holder's end may be the end of the sandbox that its files are in.
    import pkg.dockertest.engine  # noqa: F401

    starting: set[str] = set()
    doomed: dict[str, float] = {}  # until when to look for them
    held = b""
    pause = _FIRST_PAUSE
    is_held = True
    while is_held or doomed:
        # Several may have to go at once, and none may wait for another.
        if _is_readable(commands if is_held else None, pause if doomed else None):
            data = os.read(commands, _PIECE_BYTES)
            is_held = bool(data)
            *lines, held = (held + data).split(b"\n")
            interrupted = _obey(lines, starting) if is_held else starting
            doomed |= dict.fromkeys(interrupted, time.monotonic() + _SETTLE_SECONDS)
            pause = _FIRST_PAUSE
        elif doomed:
            _remove(doomed)
            pause = min(pause * 1.5, _LONGEST_PAUSE)


def _is_readable(commands: int | None, seconds: float | None) -> bool:
    readable, _, _ = select.select([] if commands is None else [commands], [], [], seconds)
    return bool(readable)


def _obey(lines: list[bytes], starting: set[str]) -> set[str]:
    """Keeps account of what is about to be made; returns what has to go."""
    interrupted: set[str] = set()
    for line in lines:
        sign, name = line[:1], line[1:].decode()
        if sign == b"+":
            starting.add(name)
        else:
            starting.discard(name)
        if sign == b"!":
            interrupted.add(name)
    return interrupted


def _remove(doomed: dict[str, float]) -> None:
    """Removes what is there; what is not may come until its time is up."""
    from pkg.dockertest import engine
    from pkg.dockertest.errors import DockertestError, EngineError

    for name, until in sorted(doomed.items()):
        gone = time.monotonic() >= until
        network = name.removeprefix(_NETWORK) if name.startswith(_NETWORK) else ""
        try:
            at = engine.connect()
            if network:
                at.request("DELETE", f"/networks/{network}")
            else:
                at.request("DELETE", f"/containers/{name}", {"force": 1, "v": 1})
            gone = True
        except EngineError as error:
            gone = gone or (error.status == 409 and not network)  # it is being removed already
        except DockertestError:
            pass  # it may come back
        if gone:
            del doomed[name]


if __name__ == "__main__":
    sys.path.insert(0, _ROOT)
    main(sys.stdin.fileno())
