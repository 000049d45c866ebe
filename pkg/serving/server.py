"""Listens, serves, and stops in good order."""

import asyncio
import contextlib
import os
import signal
import socket
import sys
from collections.abc import Callable

import uvicorn
import uvloop

from pkg.config import Address, InvalidConfig
from pkg.logs import Log
from pkg.serving.app import App
from pkg.serving.open_files import make_room
from pkg.serving.protocol import limited

_log = Log(__name__)
_SIGNALS = (signal.SIGTERM, signal.SIGINT)
# What a request may take beyond its deadline until its answer is out.
_MARGIN_SECONDS = 2


def listen(host: str, port: int) -> socket.socket:
    """A socket that waits for clients; port 0 takes a free one.

    Raises:
        OSError: the address can't be had.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family, backlog=1024)


def opened(address: Address, max_connections: int, prefix: str) -> socket.socket:
    """A socket that waits for clients, and room for as many as the settings name.

    Args:
        address: where.
        max_connections: how many clients at the same time.
        prefix: of the service's variables, for what is said of them.

    Raises:
        InvalidConfig: the address can't be had, or so many files can't be open.
    """
    try:
        make_room(max_connections)
    except ValueError as error:
        raise InvalidConfig([f"{prefix}_MAX_CONNECTIONS: {error}"]) from error
    try:
        return listen(address.host, address.port)
    except OSError as error:
        raise InvalidConfig([f"{prefix}_LISTEN: {address}: {error.strerror}"]) from error


def url(at: socket.socket) -> str:
    """Where clients reach a socket."""
    host, port = at.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


class _Server(uvicorn.Server):
    def capture_signals(self) -> contextlib.AbstractContextManager[None]:  # type: ignore[override]
        # Ours are below; with uvicorn's the process would end by the signal.
        return contextlib.nullcontext()


def run(app: App, at: socket.socket) -> None:
    """Serves in an event loop of its own, until a signal tells it to stop; see `serve`."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve(app, at))


def leave(app: App) -> None:
    """Ends the process, with success, where a call hangs that nobody waits for any more.

    Else it returns. The interpreter itself would wait for that call.
    """
    if app.service.workers.busy:
        for stream in filter(None, (sys.stdout, sys.stderr)):  # None: closed from the beginning
            with contextlib.suppress(OSError):
                stream.flush()
        os._exit(0)


async def serve(app: App, at: socket.socket, stop: asyncio.Event | None = None) -> None:
    """Serves until it is told to stop: by the event, or else by SIGTERM or SIGINT.

    Then readiness says so at once; after the stop delay no connection is taken, requests in flight
    are finished, and it returns. A second signal skips the delay.
    """
    service, limits = app.service, app.service.limits
    server = _Server(
        uvicorn.Config(
            app.gate,
            http=limited(limits, service.errors, service.new_id),
            ws="none",
            lifespan="off",
            interface="asgi3",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            timeout_keep_alive=limits.idle_timeout,  # type: ignore[arg-type]
            timeout_graceful_shutdown=int(limits.deadline) + _MARGIN_SECONDS,
        )
    )
    told = stop or asyncio.Event()
    hurry = asyncio.Event()
    if stop is None:
        _on_signals(told, hurry)
    _log.info("listening", url=url(at))
    ending = asyncio.create_task(_end(server, app, told, hurry, limits.stop_delay))
    try:
        await server.serve([at])
    finally:
        ending.cancel()
        service.workers.close()
    _log.info("stopped")


async def _end(
    server: uvicorn.Server, app: App, told: asyncio.Event, hurry: asyncio.Event, delay: float
) -> None:
    await told.wait()
    _log.info("stopping", delay_seconds=delay)
    app.readiness.stopping = True
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(delay):
            await hurry.wait()
    server.should_exit = True


def _on_signals(told: asyncio.Event, hurry: asyncio.Event) -> None:
    def come() -> None:
        (hurry if told.is_set() else told).set()

    loop = asyncio.get_running_loop()
    install: Callable[..., None] = loop.add_signal_handler
    for each in _SIGNALS:
        install(each, come)
