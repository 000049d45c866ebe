"""The routes, and what all of them pass: the one place where the HTTP side is put together."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import msgspec
from litestar import Litestar, Response, get
from litestar.handlers import HTTPRouteHandler

from pkg.clock import SystemClock
from services.vault.rpc import (
    create_data_key,
    decrypt,
    decrypt_bulk,
    encrypt,
    encrypt_bulk,
    health,
    openapi,
    reencrypt,
    roll,
)
from services.vault.rpc.auth import Tokens
from services.vault.rpc.failures import handlers
from services.vault.rpc.gate import Gate
from services.vault.rpc.limits import Limits
from services.vault.rpc.metrics import Metrics
from services.vault.rpc.workers import Workers
from services.vault.vault import Vault

_METRICS_TYPE = "text/plain; version=0.0.4"


@dataclass(frozen=True)
class App:
    """The HTTP side of an instance.

    Attributes:
        gate: the ASGI application.
        readiness: is told when the instance stops.
        workers: are closed when it has stopped.
    """

    gate: Gate
    readiness: health.Readiness
    workers: Workers


def build(
    vault: Vault, tokens: Tokens, limits: Limits, more: Sequence[HTTPRouteHandler] = ()
) -> App:
    """The HTTP side of an instance of the vault.

    Args:
        vault: does the work.
        tokens: let clients in.
        limits: of size, number and time.
        more: routes beside the vault's own, to compare them with; in no document.
    """
    # A quarter of the places is left to what needs no thread, however long a storage hangs.
    workers = Workers(limits.threads, limits.max_requests - limits.max_requests // 4)
    readiness = health.Readiness(vault, workers, SystemClock())
    metrics = Metrics()
    routes = [
        encrypt.route(vault, workers),
        encrypt_bulk.route(vault, workers),
        decrypt.route(vault, workers),
        decrypt_bulk.route(vault, workers),
        reencrypt.route(vault, workers),
        create_data_key.route(vault, workers),
        roll.route(vault, workers, limits.deadline),
        *health.routes(readiness),
    ]
    document = msgspec.json.encode(openapi.document(routes))
    app = Litestar(
        [
            *routes,
            *more,
            _text("/metrics", _METRICS_TYPE, metrics.text),
            _text("/openapi.json", "application/json", lambda: document),
        ],
        exception_handlers=handlers(metrics),
        openapi_config=None,  # it would serve pages that load programs from elsewhere
        logging_config=None,
        request_max_body_size=None,  # the gate counts
    )
    gate = Gate(app, [route.path for route in app.routes], tokens, limits, metrics)
    return App(gate, readiness, workers)


def _text(path: str, media_type: str, content: Callable[[], bytes]) -> HTTPRouteHandler:
    @get(path, media_type=media_type, include_in_schema=False)
    async def text() -> Response[bytes]:
        return Response(content(), media_type=media_type)

    return text
