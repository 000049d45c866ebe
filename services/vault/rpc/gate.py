"""What every request passes: its id, its token, its limits, its deadline, the log, the metrics.

An ASGI layer around the routes, so that it also holds for what the framework answers itself.
"""

import asyncio
import logging
import re
import secrets
import time
from collections.abc import Collection

from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPScope, Receive, Scope, Send

from pkg.logs import Log
from services.vault.rpc.answer import Answer
from services.vault.rpc.auth import Tokens
from services.vault.rpc.body import Body, header
from services.vault.rpc.errors import (
    CLIENT_GONE,
    DEADLINE_EXCEEDED,
    INTERNAL_ERROR,
    OVERLOADED,
    UNAUTHORIZED,
    UNSUPPORTED_MEDIA_TYPE,
    Fault,
    Refusal,
)
from services.vault.rpc.limits import Limits
from services.vault.rpc.metrics import Metrics

# Whoever reaches the instance may ask for these: they tell nothing of keys or values. All others
# need a token, whatever the framework takes their path for.
OPEN = frozenset({"/health/live", "/health/ready", "/metrics", "/openapi.json"})
_log = Log(__name__)
_REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")
# Where the routes below find the answer that they belong to.
ANSWER = "vault.answer"


class HalfAnswered(Exception):
    """An answer was begun and can't be ended."""


class Gate:
    """Lets requests through to the routes.

    Args:
        routes: the ASGI application behind it.
        paths: those that it has; of all others, metrics and log know that they are others.
        tokens: needed for all paths but the open ones.
        limits: of size, number and time.
        metrics: count every request.
    """

    def __init__(
        self,
        routes: ASGIApp,
        paths: Collection[str],
        tokens: Tokens,
        limits: Limits,
        metrics: Metrics,
    ) -> None:
        self._routes = routes
        self._paths = frozenset(paths)
        self._tokens = tokens
        self._limits = limits
        self._in_flight = 0
        # Without those that have no token, so that they can't take the others' places.
        self._admitted = 0
        self._metrics = metrics
        metrics.watch(lambda: self._in_flight)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, as ASGI has it."""
        if scope["type"] != ScopeType.HTTP:
            return
        started = time.perf_counter()
        body = Body(scope, receive, self._limits.max_body_bytes)
        answer = Answer(send, body, _request_id(scope))
        self._in_flight += 1
        try:
            await self._answer(scope, body, answer)
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
        except Refusal as refusal:
            await answer.fail(refusal.fault)
        except TimeoutError:
            await self._fail(answer, DEADLINE_EXCEEDED)
        except Exception as error:
            # The routes' own are answered behind this; it is what the framework did not foresee.
            _log.failure("fault", error, request_id=answer.request_id)
            await self._fail(answer, INTERNAL_ERROR)

    async def _fail(self, answer: Answer, fault: Fault) -> None:
        if answer.status:
            raise HalfAnswered  # the server closes the connection
        await answer.fail(fault)

    def _check(self, scope: HTTPScope, body: Body) -> None:
        if not self._tokens.admit(header(scope, b"authorization") or b""):
            raise Refusal(UNAUTHORIZED)
        if self._admitted >= self._limits.max_requests:
            raise Refusal(OVERLOADED)
        body.check_length()
        if scope["method"] == "POST" and not _is_json(header(scope, b"content-type") or b""):
            raise Refusal(UNSUPPORTED_MEDIA_TYPE)

    def _note(self, scope: HTTPScope, answer: Answer, seconds: float) -> None:
        route = scope["path"] if scope["path"] in self._paths else "other"
        status = answer.status or CLIENT_GONE.status
        self._metrics.request(route, status, seconds)
        fields: dict[str, object] = {
            "request_id": answer.request_id,
            "route": route,
            "status": status,
            "ms": round(seconds * 1000, 3),
        }
        if answer.code:
            fields["code"] = answer.code
        _log.write(logging.WARNING if status >= 500 else logging.INFO, "request", fields)


def _request_id(scope: HTTPScope) -> str:
    given = header(scope, b"x-request-id")
    if given and _REQUEST_ID.fullmatch(given):
        return given.decode()
    return secrets.token_hex(8)


def _is_json(content_type: bytes) -> bool:
    kind, _, parameters = content_type.lower().partition(b";")
    return kind.strip() == b"application/json" and parameters.strip().replace(b'"', b"") in (
        b"",
        b"charset=utf-8",
    )
