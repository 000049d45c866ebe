"""What every request passes: its id, who it is from, its limits, its deadline, log and metrics.

An ASGI layer around the routes, so that it also holds for what the framework answers itself.
"""

import asyncio
import logging
import re
import secrets
import time
from collections.abc import Callable, Collection, Mapping

from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPScope, Receive, Scope, Send
from litestar.utils.path import normalize_path

from pkg.fault import Fault
from pkg.logs import Log, bound
from pkg.serving import faults
from pkg.serving.answer import Answer
from pkg.serving.body import Body, header
from pkg.serving.faults import ErrorShape
from pkg.serving.limits import Limits
from pkg.serving.metrics import Metrics

# Whoever reaches the instance may ask for these: they tell nothing of callers or values. All others
# must be let in, whatever the framework takes their path for.
OPEN = frozenset({"/health/live", "/health/ready", "/metrics", "/openapi.json"})
_log = Log(__name__)
_REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")
# Where the routes below find the answer that they belong to.
ANSWER = "pkg.serving.answer"


class HalfAnswered(Exception):
    """An answer was begun and can't be ended."""


def new_id() -> str:
    """An id for a request that came without one."""
    return secrets.token_hex(8)


def everybody(scope: HTTPScope) -> None:
    """Lets all in: the routes look who it is."""


class Gate:
    """Lets requests through to the routes.

    Args:
        routes: the ASGI application behind it.
        paths: those that it has, with the methods of each; of all others, metrics and log know that
            they are others.
        shape: of errors.
        limits: of size, number and time.
        metrics: count every request.
        admit: raises a fault to one that is not let in; not asked for the open paths.
        new_id: gives an id to requests that have none.
    """

    def __init__(
        self,
        routes: ASGIApp,
        paths: Mapping[str, Collection[str]],
        shape: ErrorShape,
        limits: Limits,
        metrics: Metrics,
        admit: Callable[[HTTPScope], None] = everybody,
        new_id: Callable[[], str] = new_id,
    ) -> None:
        self._routes = routes
        self._paths = dict(paths)
        self._shape = shape
        self._limits = limits
        self._admit = admit
        self._new_id = new_id
        self._in_flight = 0
        # Without those that are not let in, so that they can't take the others' places.
        self._admitted = 0
        self._metrics = metrics
        metrics.watch(lambda: self._in_flight)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, as ASGI has it."""
        if scope["type"] != ScopeType.HTTP:
            return
        started = time.perf_counter()
        body = Body(scope, receive, self._limits.max_body_bytes)
        answer = Answer(send, body, self._request_id(scope), self._shape)
        self._in_flight += 1
        with bound(request_id=answer.request_id):
            try:
                await self._answer(scope, body, answer)
                await answer.end()  # not within the deadline: all of the answer is out
            finally:
                self._in_flight -= 1
                self._note(scope, answer, time.perf_counter() - started)

    async def _answer(self, scope: HTTPScope, body: Body, answer: Answer) -> None:
        try:
            async with asyncio.timeout(self._limits.deadline):
                guarded = scope["path"] not in OPEN
                if guarded:
                    self._check(scope, body)
                scope[ANSWER] = answer  # type: ignore[literal-required]
                self._admitted += guarded
                try:
                    await self._routes(scope, body.receive, answer.send)
                finally:
                    self._admitted -= guarded
        except Fault as fault:
            await self._fail(answer, fault)
        except TimeoutError:
            await self._fail(answer, faults.deadline_exceeded())
        except Exception as error:
            # The routes' own are answered behind this; it is what the framework did not foresee.
            _log.failure("fault", error)
            await self._fail(answer, faults.internal_error(error))

    async def _fail(self, answer: Answer, fault: Fault) -> None:
        if answer.status:
            raise HalfAnswered  # the server closes the connection
        await answer.fail(fault)

    def _check(self, scope: HTTPScope, body: Body) -> None:
        if scope["path"] not in self._paths:
            # As the framework reads it, or another spelling of a path would be another one here.
            scope["path"] = normalize_path(scope["path"])
        self._admit(scope)
        if self._admitted >= self._limits.max_requests:
            raise faults.overloaded()
        body.check_length()
        # What a path does not take is the framework's to say.
        takes_json = scope["method"] == "POST" and "POST" in self._paths.get(scope["path"], ())
        if takes_json and not _is_json(header(scope, b"content-type") or b""):
            raise faults.unsupported_media_type()

    def _note(self, scope: HTTPScope, answer: Answer, seconds: float) -> None:
        route = scope["path"] if scope["path"] in self._paths else "other"
        status = answer.status or faults.CLIENT_GONE
        self._metrics.request(route, status, seconds)
        fields: dict[str, object] = {
            "route": route,
            "status": status,
            "ms": round(seconds * 1000, 3),
        }
        if answer.fault:
            fields["code"] = answer.fault.code
            if answer.fault.detail:
                fields["detail"] = answer.fault.detail
        _log.write(logging.WARNING if status >= 500 else logging.INFO, "request", fields)

    def _request_id(self, scope: HTTPScope) -> str:
        given = header(scope, b"x-request-id")
        if given and _REQUEST_ID.fullmatch(given):
            return given.decode()
        return self._new_id()


def _is_json(content_type: bytes) -> bool:
    kind, _, parameters = content_type.lower().partition(b";")
    return kind.strip() == b"application/json" and parameters.strip().replace(b'"', b"") in (
        b"",
        b"charset=utf-8",
    )
