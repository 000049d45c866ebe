"""The layer around the routes, on routes that do what no route should."""

import asyncio
import json
from typing import Any

import pytest
from litestar.types import ASGIApp, Receive, Scope, Send

from pkg.logs import JsonLines
from pkg.logs.testing import captured
from pkg.serving import Limits, Metrics
from pkg.serving.example import SHAPE
from pkg.serving.gate import Gate, HalfAnswered

START: Any = {"type": "http.response.start", "status": 200, "headers": []}


def answered(routes: ASGIApp, deadline: float = 30.0) -> list[Any]:
    """What is sent to a request."""
    sent: list[Any] = []

    async def receive() -> Any:
        raise AssertionError("nobody reads the body")

    async def send(message: Any) -> None:
        sent.append(message)

    headers = [(b"content-type", b"application/json")]
    scope: Any = {"type": "http", "method": "POST", "path": "/v1/x", "headers": headers}
    limits = Limits(deadline=deadline)
    asyncio.run(
        Gate(routes, {"/v1/x": ["POST"]}, SHAPE, limits, Metrics("test"))(scope, receive, send)
    )
    return sent


def test_what_the_framework_did_not_foresee_is_an_internal_error() -> None:
    """In the shape of all errors, and in the log without what it was working on."""

    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        raise RuntimeError("hush")

    with captured(JsonLines(error_texts=False)) as lines:
        start, body = answered(broken)
    assert start["status"] == 500
    assert json.loads(body["body"])["problem"]["title"] == "internal_error"
    assert lines.of("fault")[0]["exception"] == "RuntimeError"
    assert "hush" not in lines.text


def test_half_an_answer_is_not_ended_as_a_whole_one() -> None:
    """Neither by an error nor by the deadline: the server has to close the connection."""

    async def breaks(scope: Scope, receive: Receive, send: Send) -> None:
        await send(START)
        raise RuntimeError

    async def hangs(scope: Scope, receive: Receive, send: Send) -> None:
        await send(START)
        await asyncio.Event().wait()

    for routes in (breaks, hangs):
        with pytest.raises(HalfAnswered):
            answered(routes, deadline=0.1)
