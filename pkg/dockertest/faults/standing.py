"""The faults of this process's containers, and how each is undone.

They are known by the container's name. Whoever puts one on says how it is undone; a test's end
undoes what stands, a scope's end forgets it with the container.
"""

import threading
from collections.abc import Callable

from pkg.dockertest.errors import EngineError

_lock = threading.Lock()
_standing: dict[str, dict[str, Callable[[], None]]] = {}


def put(container: str, fault: str, undo: Callable[[], None]) -> None:
    """Takes down a fault that is about to be put on a container."""
    with _lock:
        _standing.setdefault(container, {})[fault] = undo


def removed(container: str, fault: str) -> None:
    """Takes down that a fault has been undone, or is none any more."""
    with _lock:
        _standing.get(container, {}).pop(fault, None)


def forget(container: str) -> None:
    """The container is about to end, and its faults with it."""
    with _lock:
        _standing.pop(container, None)


def undo_all() -> None:
    """Undoes every fault, the last one first, and goes on after one that cannot be undone.

    Raises:
        Exception: what the first one that could not be undone has raised.
    """
    with _lock:
        undoes = [undo for faults in _standing.values() for undo in faults.values()][::-1]
        _standing.clear()
    failed: Exception | None = None
    for undo in undoes:
        try:
            undo()
        except Exception as error:
            if not (isinstance(error, EngineError) and error.status == 404):  # it is gone
                failed = failed or error
    if failed:
        raise failed
