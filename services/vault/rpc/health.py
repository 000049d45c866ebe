"""GET /health/live and /health/ready"""

import asyncio
from collections.abc import Sequence

from litestar import get
from litestar.handlers import HTTPRouteHandler

from pkg.clock import Clock
from services.vault.errors import StorageError
from services.vault.rpc.errors import NOT_READY, Refusal
from services.vault.rpc.operation import errors
from services.vault.rpc.workers import Workers
from services.vault.vault import Vault
from services.vault.wire import Health

# Anyone may ask, so the storage is asked once a second at most.
_FRESH_SECONDS = 1.0


class Readiness:
    """Whether an instance can serve: it is not about to stop, and its storage answers.

    Attributes:
        stopping: set by who stops it.
    """

    def __init__(self, vault: Vault, workers: Workers, clock: Clock) -> None:
        self._vault = vault
        self._workers = workers
        self._clock = clock
        self._asking = asyncio.Lock()
        self._asked: float | None = None
        self._serves = False
        self.stopping = False

    async def check(self) -> None:
        """Returns if the instance can serve.

        Raises:
            Refusal: it cannot.
        """
        if not self.stopping:
            async with self._asking:
                if self._asked is None or self._clock.monotonic() - self._asked >= _FRESH_SECONDS:
                    self._serves = await self._storage_serves()
                    self._asked = self._clock.monotonic()
        if self.stopping or not self._serves:
            raise Refusal(NOT_READY)

    async def _storage_serves(self) -> bool:
        try:
            await self._workers.run(self._vault.check)
        except (StorageError, Refusal):
            return False
        return True


def routes(readiness: Readiness) -> Sequence[HTTPRouteHandler]:
    """Both routes."""

    @get("/health/live", operation_id="live", security=[{}], responses=errors(504))
    async def live() -> Health:
        """Whether the process answers. If not, start it anew."""
        return Health("live")

    @get("/health/ready", operation_id="ready", security=[{}], responses=errors(503, 504))
    async def ready() -> Health:
        """Whether to send requests here: the storage serves, and the instance does not stop."""
        await readiness.check()
        return Health("ready")

    return live, ready
