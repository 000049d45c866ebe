"""Waits until a server is usable, and notices at once when it never will be."""

import time
from typing import Any, TypeVar

from pkg.dockertest.errors import EngineError, NotReady, ServerDied
from pkg.dockertest.service import Running, Service

R = TypeVar("R")

_FIRST_PAUSE = 0.001
_LONGEST_PAUSE = 0.02
_LOOK_EVERY = 0.1  # seconds between looks at whether the server still runs
_LOG_LINES = 15


def wait(service: Service[R], running: Running, seconds: float) -> R:
    """Returns the service's result once a real client operation has succeeded.

    Raises:
        ImportError: the client library is not installed.
        ServerDied: the server ended first; the message has its last log lines.
        NotReady: the time is up; so has this.
    """
    server = service.result(running)
    began = time.monotonic()
    looked = began
    pause = _FIRST_PAUSE
    while True:
        try:
            service.check(server)
            return server
        except ImportError:
            raise  # the client library is not here, and will not come
        except Exception as error:
            reason = error
        now = time.monotonic()
        if now - looked >= _LOOK_EVERY:
            looked = now
            if ended := _ended(running):
                raise ServerDied(_message(service, running, f"ended ({ended})")) from reason
        if now - began > seconds:
            state = f"was not ready after {seconds:g} s: {type(reason).__name__}: {reason}"
            raise NotReady(_message(service, running, state)) from reason
        time.sleep(pause)
        pause = min(pause * 1.5, _LONGEST_PAUSE)


def _ended(running: Running) -> str | None:
    try:
        return running.container.ended()
    except EngineError as error:
        if error.status in (404, 409):
            return "its container is gone"
        raise


def _message(service: Service[Any], running: Running, state: str) -> str:
    container = running.container
    try:
        log = container.logs(_LOG_LINES) or "(it wrote nothing)"
    except EngineError:
        log = "(gone with the container)"
    tail = "\n".join(f"  {line}" for line in log.splitlines())
    return (
        f"{service.service} from {container.image} {state}; last log lines:\n{tail}\n"
        f"try it by hand with: docker run --rm -it --entrypoint sh {container.image}"
    )
