"""Nothing is left behind: whatever rivals start has our labels, and is removed by them."""

import os
import time
from collections.abc import Callable

from pkg.dockertest import checkout, engine
from pkg.dockertest.errors import EngineError

ROLE = "berth.role=benchmark"
_OWNER = "BERTH_BENCHMARK_OWNER"  # of the whole run, for the processes that it starts
_PAUSE_SECONDS = 0.01
_GONE_SECONDS = 30.0
_OLD_SECONDS = 3600.0  # a run is over by then


def owner() -> str:
    """The run that this process is of: its host and its pid."""
    return os.environ.setdefault(_OWNER, checkout.owner())


def labels() -> dict[str, str]:
    """The labels of a rival's container."""
    return {
        "berth": "container",
        "berth.role": ROLE.partition("=")[2],
        "berth.checkout": checkout.identity(),
        "berth.owner": owner(),
    }


def sweep() -> None:
    """Removes what this run's rivals have left, and those of runs that were killed long ago."""
    at = engine.connect()
    mine = f"berth.owner={owner()}"
    for one in at.containers(ROLE, f"berth.checkout={checkout.identity()}"):
        is_old = time.time() - float(one["Created"]) > _OLD_SECONDS
        if is_old or one["Labels"]["berth.owner"] == owner():
            remove(one["Id"])
    for one in at.request("GET", "/networks", {"filters": engine.filters(label=[ROLE, mine])}):
        _delete(f"/networks/{one['Id']}")


def remove(container: str) -> None:
    """Ends and removes a container, if it is still there."""
    _delete(f"/containers/{container}", {"force": 1, "v": 1})


def gone(container: str) -> None:
    """Waits until the engine has removed a container: that is work, too."""
    at = engine.connect()

    def is_gone() -> bool:
        try:
            at.request("GET", f"/containers/{container}/json")
        except EngineError as error:
            if error.status != 404:
                raise
            return True
        return False

    wait(is_gone)


def wait(is_done: Callable[[], bool], seconds: float = _GONE_SECONDS) -> None:
    """Waits until something is so.

    Raises:
        TimeoutError: it is not within these seconds.
    """
    deadline = time.monotonic() + seconds
    while not is_done():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {seconds:g} s")
        time.sleep(_PAUSE_SECONDS)


def _delete(path: str, query: engine.Query | None = None) -> None:
    try:
        engine.connect().request("DELETE", path, query)
    except EngineError as error:
        if error.status not in (404, 409):  # gone, or being removed
            raise
