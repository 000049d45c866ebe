"""The holder's side of the guard, which removes what its holder was about to start when killed.

A container ends itself once it runs and its holder is gone. One that was made and not yet started
has no process to notice that, so for those milliseconds a guard watches from a process of its own,
`guard_process.py`. It asks the engine that the environment names.

It removes networks, too, which no process of their own could: each one with its scope, or with its
holder, once the containers on it are gone.
"""

import atexit
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from pkg.dockertest.errors import EngineError

_PROGRAM = Path(__file__).with_name("guard_process.py")
_END_SECONDS = 5.0

_lock = threading.Lock()  # also held over a fork: no child has half a guard
_changed = threading.Condition(_lock)
_starting: set[str] = set()  # whose blocks have not ended
_process: "subprocess.Popen[bytes] | None" = None


@contextmanager
def watching(name: str) -> Iterator[None]:
    """Has the guard watch a container while the block makes and starts it.

    A block that ends by an EngineError leaves nothing; after any other exception it is the
    guard that sees to that.
    """
    end = "!"
    try:
        with _lock:
            _starting.add(name)
            _tell(f"+{name}\n")
        yield
        end = "-"
    except EngineError:
        end = "-"
        raise
    finally:
        with _lock:
            _tell(f"{end}{name}\n")
            _starting.discard(name)
            _changed.notify_all()


def remove(name: str) -> None:
    """Has the guard remove what is or will be there of a container."""
    with _lock:
        _tell(f"!{name}\n")


def keep(network: str) -> None:
    """Has the guard remove a network, about to be made, when this process is gone."""
    with _lock:
        _tell(f"+network/{network}\n")


def drop(network: str) -> None:
    """Has the guard look after a network no more: there is none."""
    with _lock:
        _tell(f"-network/{network}\n")


def remove_network(network: str) -> None:
    """Has the guard remove a network now, that is: when no container is on it any more."""
    with _lock:
        _tell(f"!network/{network}\n")


def _tell(line: str) -> None:
    """Under the lock."""
    global _process
    if _process is None:
        if line.startswith("-"):
            return  # the one that was told of it has gone
        _process = _spawn()
    if _process is None or _process.stdin is None:
        return
    # Somebody may have ended it; a container that runs does not need it.
    with suppress(OSError):
        os.write(_process.stdin.fileno(), line.encode())


def _spawn() -> "subprocess.Popen[bytes] | None":
    try:
        process = subprocess.Popen(
            [sys.executable, "-I", "-S", str(_PROGRAM)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
            # What kills the holder's process group must not reach it.
            start_new_session=True,
        )
    except OSError:
        return None
    atexit.register(_end, process)
    return process


def _end(process: "subprocess.Popen[bytes]") -> None:
    global _process
    end = time.monotonic() + _END_SECONDS
    with _lock:
        if process is not _process or process.stdin is None:
            return  # a forked child's exit is not the holder's
        # Another thread may be in the middle of a start: cut off there, the guard would look for a
        # container that comes or doesn't.
        _changed.wait_for(lambda: not _starting, _END_SECONDS)
        _process = None  # what other exit handlers start gets a guard of its own
        process.stdin.close()
    # It takes longer only while it removes what an interrupted start left.
    with suppress(subprocess.TimeoutExpired):
        process.wait(max(end - time.monotonic(), 0.0))


def _forget() -> None:
    """In a forked child: its copy of the guard's input must not keep the guard waiting."""
    global _process, _lock, _changed
    _lock = threading.Lock()
    _changed = threading.Condition(_lock)
    _starting.clear()
    process, _process = _process, None
    if process is not None and process.stdin is not None:
        process.stdin.close()
        process.returncode = 0  # not the child's to wait for


os.register_at_fork(
    before=lambda: _lock.acquire(),
    after_in_parent=lambda: _lock.release(),
    after_in_child=_forget,
)
