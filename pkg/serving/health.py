"""GET /health/live and /health/ready"""

import asyncio
from collections.abc import Callable, Sequence

import msgspec
from litestar import get
from litestar.handlers import HTTPRouteHandler

from pkg.clock import Clock
from pkg.logs import Log
from pkg.serving import faults
from pkg.serving.openapi import errors
from pkg.serving.workers import Workers

# Anyone may ask, so what the instance needs is asked once a second at most.
_FRESH_SECONDS = 1.0
_log = Log(__name__)


class Health(msgspec.Struct):
    """How the instance is."""

    status: str


class Readiness:
    """Whether an instance can serve: it is not about to stop, and what it needs serves.

    Args:
        check: asks what the instance needs, and raises if it does not serve; runs in a thread.
        workers: run it.
        clock: decides when it is asked anew.

    Attributes:
        stopping: set by who stops it.
    """

    def __init__(self, check: Callable[[], object], workers: Workers, clock: Clock) -> None:
        self._check = check
        self._workers = workers
        self._clock = clock
        self._asking = asyncio.Lock()
        self._asked: float | None = None
        self._serves = True
        self._checking = False
        self.stopping = False

    async def check(self) -> None:
        """Returns if the instance can serve.

        Raises:
            Fault: it cannot.
        """
        if not self.stopping:
            async with self._asking:
                if self._asked is None or self._clock.monotonic() - self._asked >= _FRESH_SECONDS:
                    await self._ask()
                    self._asked = self._clock.monotonic()
        if self.stopping or not self._serves:
            raise faults.not_ready()

    async def _ask(self) -> None:
        before = self._serves
        try:
            if self._checking:
                raise TimeoutError("the last check has not ended")
            await self._workers.run(self._checked)
            self._serves = True
        except Exception as error:
            self._serves = False
            if before:
                _log.warning("not ready", error=type(error).__name__, reason=str(error))
        if self._serves and not before:
            _log.info("ready again")

    def _checked(self) -> None:
        # In its thread: a check that hangs, and that nobody waits for any more, is the last one.
        self._checking = True
        try:
            self._check()
        finally:
            self._checking = False


def routes(readiness: Readiness, error: type[msgspec.Struct]) -> Sequence[HTTPRouteHandler]:
    """Both routes; `error` is the form of errors, for the document."""

    @get("/health/live", operation_id="live", security=[{}], responses=errors(error, 504))
    async def live() -> Health:
        """Whether the process answers. If not, start it anew."""
        return Health("live")

    @get("/health/ready", operation_id="ready", security=[{}], responses=errors(error, 503, 504))
    async def ready() -> Health:
        """Whether to send requests here: the instance is well, and does not stop."""
        await readiness.check()
        return Health("ready")

    return live, ready
