"""A small service in the frame, for the tests of it. Its errors have a shape of their own."""

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import httpx
import msgspec
from litestar import Request, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromQuery, RawBody

from pkg.clock import Clock, SystemClock
from pkg.fault import Fault, Kind
from pkg.serving import (
    About,
    App,
    ErrorBody,
    ErrorShape,
    InvalidBody,
    Limits,
    Metrics,
    Service,
    Tokens,
    Workers,
    bearer,
    build,
    operation,
    reader,
    request_id,
    testing,
)
from pkg.serving.testing import Raw, Served, served

TOKEN = "a-token-of-the-tests"
# Tests do not wait for load balancers.
LIMITS = Limits(stop_delay=0)
_MOST_SECONDS = 40.0  # so that a test that fails comes to its end


class Text(msgspec.Struct, forbid_unknown_fields=True):
    """What the operations take and answer with."""

    text: str


class Problem(msgspec.Struct, omit_defaults=True):
    """What went wrong, and where if it was the request."""

    title: str
    detail: str
    location: str = ""


class ErrorResponse(msgspec.Struct):
    """The envelope of an error."""

    request: str
    problem: Problem


def _encode(fault: Fault, request_id: str) -> ErrorBody:
    location = fault.path if isinstance(fault, InvalidBody) else ""
    problem = Problem(fault.code, fault.public, location)
    content = msgspec.json.encode(ErrorResponse(request_id, problem))
    if fault.kind is Kind.TOO_MANY:
        return ErrorBody(content, "application/problem+json", {"retry-after": "7"})
    return ErrorBody(content)


SHAPE = ErrorShape(ErrorResponse, _encode)


class Hold:
    """A call that hangs while it is told to.

    Attributes:
        asked: is set when a call hangs.
        calls: how many there were.
    """

    def __init__(self) -> None:
        self._free = threading.Event()
        self._free.set()
        self.asked = threading.Event()
        self.calls = 0

    def hang(self) -> None:
        """From now on, calls wait."""
        self.asked.clear()
        self._free.clear()

    def go_on(self) -> None:
        """Lets all calls go on."""
        self._free.set()

    def __call__(self) -> None:
        """Waits while it is told to."""
        self.calls += 1
        if not self._free.is_set():
            self.asked.set()
        self._free.wait(_MOST_SECONDS)


def app(
    limits: Limits = LIMITS,
    *,
    hold: Hold | None = None,
    fail: Callable[[], None] = lambda: None,
    check: Callable[[], object] = lambda: None,
    tokens: Sequence[str] = (TOKEN,),
    translate: Callable[[Exception], Fault | None] = lambda error: None,
    clock: Clock | None = None,
) -> App:
    """The service.

    Args:
        limits: of size, number and time.
        hold: what /v1/wait calls in a thread.
        fail: what /v1/fail calls.
        check: what readiness calls.
        tokens: that let clients in.
        translate: the faults of its errors.
        clock: of readiness.
    """
    workers = Workers.within(limits)
    return build(
        Service(
            routes=_routes(workers, hold or Hold(), fail),
            about=About(
                title="Example",
                version="1",
                description="Says what it is told.",
                forms=[Text, ErrorResponse],
            ),
            errors=SHAPE,
            check=check,
            limits=limits,
            workers=workers,
            metrics=Metrics("example"),
            admit=bearer(Tokens(tokens), "give a token"),
            translate=translate,
            clock=clock or SystemClock(),
        )
    )


def _routes(workers: Workers, hold: Hold, fail: Callable[[], None]) -> list[HTTPRouteHandler]:
    read = reader(Text)

    @operation("/v1/echo", Text, ErrorResponse, 400, 401)
    async def echo(body: RawBody) -> Text:
        """Says what it is told."""
        return read(body)

    @operation("/v1/wait", Text, ErrorResponse, 503, 504)
    async def wait(body: RawBody) -> Text:
        """Says it later."""
        await workers.run(hold)
        return read(body)

    @operation("/v1/fail", Text, ErrorResponse, 500)
    async def failing(body: RawBody) -> Text:
        """Says it, unless it fails."""
        fail()
        return read(body)

    @get("/v1/id", operation_id="id")
    async def who(request: Request[Any, Any, Any], times: FromQuery[int] = 1) -> Text:
        """The request's id."""
        return Text(request_id(request) * times)

    return [echo, wait, failing, who]


@contextmanager
def serving(app: App, token: str = TOKEN) -> Iterator[Served]:
    """Serves it; its client has the token."""
    with served(app, {"authorization": f"Bearer {token}"}) as service:
        yield service


def code(answer: httpx.Response | Raw) -> str:
    """The code of an error, in this service's shape."""
    body = answer.body if isinstance(answer, Raw) else answer.content
    return str(json.loads(body)["problem"]["title"])


def head(path: str, method: str = "POST", **headers: str) -> bytes:
    """The beginning of a request, with the token; `_` in a header's name stands for `-`."""
    return testing.head(path, method, **{"authorization": f"Bearer {TOKEN}", **headers})
