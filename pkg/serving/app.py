"""A service's HTTP side: the one place where its parts are put together."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import msgspec
from litestar import Litestar, Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute
from litestar.types import HTTPScope

from pkg.clock import Clock, SystemClock
from pkg.fault import Fault
from pkg.serving import gate, health, openapi
from pkg.serving.failures import handlers, no_own
from pkg.serving.faults import JSON, ErrorShape
from pkg.serving.gate import Gate
from pkg.serving.limits import Limits
from pkg.serving.metrics import Metrics
from pkg.serving.openapi import About
from pkg.serving.workers import Workers

_METRICS_TYPE = "text/plain; version=0.0.4"


@dataclass(frozen=True, kw_only=True)
class Service:
    """What a service gives to the frame.

    Attributes:
        routes: its operations.
        about: what the OpenAPI document says of it; or the whole document, if it is not to be made
            from the routes.
        errors: the shape of its errors.
        check: asks what an instance needs to serve, and raises if that does not; in a thread.
        limits: of size, number and time.
        workers: the threads that the routes use.
        metrics: count its requests; take the service's own, too.
        admit: raises a fault to a request that is not let in, before anything of it is read; must
            not wait. It is not asked for health, metrics and document.
        translate: the fault that an error of the service's own is; None for others.
        more: routes that are in no document.
        new_id: gives an id to requests that came without one.
        clock: decides when readiness is looked at anew.
    """

    routes: Sequence[HTTPRouteHandler]
    about: About | Mapping[str, object]
    errors: ErrorShape
    check: Callable[[], object]
    limits: Limits
    workers: Workers
    metrics: Metrics
    admit: Callable[[HTTPScope], None] = gate.everybody
    translate: Callable[[Exception], Fault | None] = no_own
    more: Sequence[HTTPRouteHandler] = ()
    new_id: Callable[[], str] = gate.new_id
    clock: Clock = field(default_factory=SystemClock)


@dataclass(frozen=True)
class App:
    """The HTTP side of an instance, for `run` and `serve`.

    Attributes:
        gate: the ASGI application.
        readiness: is told when the instance stops.
        service: what it was built from.
    """

    gate: Gate
    readiness: health.Readiness
    service: Service


def build(service: Service) -> App:
    """The HTTP side of an instance: the service's routes, health, metrics and the document."""
    readiness = health.Readiness(service.check, service.workers, service.clock)
    routes = [*service.routes, *health.routes(readiness, service.errors.form)]
    document = msgspec.json.encode(_document(service.about, routes))
    app = Litestar(
        [
            *routes,
            *service.more,
            _text("/metrics", _METRICS_TYPE, service.metrics.text),
            _text("/openapi.json", JSON, lambda: document),
        ],
        exception_handlers=handlers(service.translate),
        openapi_config=None,  # it would serve pages that load programs from elsewhere
        logging_config=None,
        request_max_body_size=None,  # the gate counts
    )
    outside = Gate(
        app,
        {route.path: route.methods for route in app.routes if isinstance(route, HTTPRoute)},
        service.errors,
        service.limits,
        service.metrics,
        service.admit,
        service.new_id,
    )
    return App(outside, readiness, service)


def _document(
    about: About | Mapping[str, object], routes: Sequence[HTTPRouteHandler]
) -> Mapping[str, object]:
    if not isinstance(about, About):
        return about
    return openapi.document(routes, about, [*about.forms, health.Health])


def _text(path: str, media_type: str, content: Callable[[], bytes]) -> HTTPRouteHandler:
    @get(path, media_type=media_type, include_in_schema=False)
    async def text() -> Response[bytes]:
        return Response(content(), media_type=media_type)

    return text
