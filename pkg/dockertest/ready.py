"""Waits until a server is usable, and notices at once when it never will be."""

import os
import socket
import time
from typing import Any, TypeVar

from pkg.dockertest import image
from pkg.dockertest.errors import ContainerGone, EngineError, NotReady, ServerDied
from pkg.dockertest.service import Running, Service

R = TypeVar("R")

_FIRST_PAUSE = 0.001
_LONGEST_PAUSE = 0.02
_CONNECT_SECONDS = 1.0
_PASS_ON_SECONDS = 0.001  # a connection that is not passed on ends sooner, on a machine with time
_FIRST_LOOK = 0.1  # seconds until the first look at whether the server still runs
_LONGEST_LOOK = 0.5  # seconds between two of them
_LOG_LINES = 15
_TOO_SOON = 0.7  # of the shortest time that a server of the kind has taken

_soonest: dict[type, float] = {}  # by the kind of service, in seconds


def wait(service: Service[R], running: Running, seconds: float) -> R:
    """Returns the service's result once a real client operation has succeeded.

    Raises:
        ImportError: the client library is not installed.
        ServerDied: the server ended first; the message has its last log lines.
        NotReady: the time is up; so has this.
    """
    server = service.result(running)
    kind = type(service)
    began = time.monotonic()
    look = began + _FIRST_LOOK
    # To ask long before it can be ready would take the processor from it.
    time.sleep(_soonest.get(kind, 0.0) * _TOO_SOON)
    while True:
        try:
            _listen(running)
            service.check(server)
            taken = time.monotonic() - began
            _soonest[kind] = min(taken, _soonest.get(kind, taken))
            return server
        except ImportError:
            raise  # the client library is not here, and will not come
        except Exception as error:
            reason = error
        now = time.monotonic()
        if now >= look:
            look = now + min(now - began, _LONGEST_LOOK)
            try:
                ended = running.container.ended()
            except EngineError as error:
                if not _is_gone(error):
                    raise
                why = f"its container is gone{running.container.out_of_memory()}"
                gone = _message(service, running, f"ended ({why})")
                raise ContainerGone(gone) from error
            if ended:
                raise ServerDied(_message(service, running, f"ended ({ended})")) from reason
        if now - began > seconds:
            state = f"was not ready after {seconds:g} s: {type(reason).__name__}: {reason}"
            raise NotReady(_message(service, running, state)) from reason
        time.sleep(min(max(_FIRST_PAUSE, (now - began) / 16), _LONGEST_PAUSE))


def _listen(running: Running) -> None:
    """Raises while nobody listens, which costs a client library far more time to find out.

    The engine accepts connections itself, and ends those that it cannot pass on.
    """
    for port in running.ports.values():
        with socket.create_connection((running.host, port), timeout=_CONNECT_SECONDS) as probe:
            probe.settimeout(_PASS_ON_SECONDS)
            try:
                if not probe.recv(1):
                    raise ConnectionRefusedError(f"nobody listens on port {port}")
            except TimeoutError:
                pass  # it waits for what the client has to say


def _is_gone(error: EngineError) -> bool:
    """Whether the engine says that there is no container; of one half removed it misses the log."""
    return error.status in (404, 409) or "no such file" in str(error)


def _message(service: Service[Any], running: Running, state: str) -> str:
    container = running.container
    try:
        log = container.logs(_LOG_LINES) or "(it wrote nothing)"
    except EngineError:
        log = "(gone with the container)"
    tail = "\n".join(f"  {line}" for line in log.splitlines())
    variable = image.override_variable(service.service)
    asked = f" ({variable}={os.environ[variable]})" if os.environ.get(variable) else ""
    return (
        f"{service.service} from {container.image}{asked} {state}; last log lines:\n{tail}\n"
        f"try it by hand with: docker run --rm -it --entrypoint sh {container.image}"
    )
