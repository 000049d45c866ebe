"""A vault that serves over HTTP, in this process, for tests."""

import asyncio
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import uvloop
from litestar.handlers import HTTPRouteHandler

from services.vault.keyring import MasterKey, MasterKeys
from services.vault.rpc.app import build
from services.vault.rpc.auth import Tokens
from services.vault.rpc.limits import Limits
from services.vault.rpc.server import listen, serve, url
from services.vault.storage import MemoryStorage
from services.vault.vault import Vault

TOKEN = "a-token-of-the-tests-0123456789abcdef"
# Tests do not wait for load balancers.
LIMITS = Limits(stop_delay=0)


@dataclass
class Service:
    """A vault that serves.

    Attributes:
        url: where.
        http: a client that has the token.
    """

    url: str
    http: httpx.Client
    _loop: asyncio.AbstractEventLoop
    _stop: asyncio.Event
    _thread: threading.Thread
    _failed: list[BaseException] = field(default_factory=list)

    @property
    def address(self) -> tuple[str, int]:
        """Host and port."""
        at = httpx.URL(self.url)
        assert at.port
        return at.host, at.port

    def post(self, path: str, **body: Any) -> httpx.Response:
        """POST of a JSON object."""
        return self.http.post(path, json=body)

    def stop(self) -> None:
        """Tells it to stop, as a signal would."""
        self._loop.call_soon_threadsafe(self._stop.set)

    def join(self) -> None:
        """Waits until it has stopped.

        Raises:
            BaseException: what it has raised.
        """
        self._thread.join()
        for each in self._failed:
            raise each


def memory_vault() -> Vault:
    """A vault on a storage of its own in memory, with a new master key."""
    return Vault(MemoryStorage(), MasterKeys([MasterKey.generate()]))


@contextmanager
def serving(
    vault: Vault,
    limits: Limits = LIMITS,
    tokens: Sequence[str] = (TOKEN,),
    more: Sequence[HTTPRouteHandler] = (),
) -> Iterator[Service]:
    """Serves a vault, and more routes if any, by the real server, until the block ends."""
    at = listen("127.0.0.1", 0)
    where = url(at)
    loop = uvloop.new_event_loop()
    stop = asyncio.Event()
    failed: list[BaseException] = []

    async def run() -> None:
        await serve(build(vault, Tokens(tokens), limits, more), limits, at, stop)

    def main() -> None:
        try:
            loop.run_until_complete(run())
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=main, name="vault service")
    headers = {"authorization": f"Bearer {tokens[0]}"}
    with httpx.Client(base_url=where, headers=headers, timeout=30, trust_env=False) as http:
        service = Service(where, http, loop, stop, thread, failed)
        thread.start()
        try:
            yield service
        finally:
            service.stop()
            service.join()
            loop.close()
