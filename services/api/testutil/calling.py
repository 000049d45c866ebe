"""Calls of routes over HTTP, with typed answers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

import httpx
import msgspec

from services.api.wire.errors import ErrorResponse, Problem
from services.api.wire.route import Route

_SUCCESS = 200
_CODES = "urn:berth:api:"


@dataclass(frozen=True)
class Reply[A]:
    """What a route has answered.

    Attributes:
        route: the name of the route.
        headers: by lower-case name.
        content: the body's bytes.
        body: the same, as the route says of a success, or as all errors are.
    """

    route: str
    status: int
    headers: Mapping[str, str]
    content: bytes
    body: A | ErrorResponse

    @property
    def ok(self) -> A:
        """The body of a success.

        Raises:
            AssertionError: it is none; the message has the error.
        """
        assert self.status == _SUCCESS, f"{self.route}: {self.status}, {self.content.decode()}"
        return cast(A, self.body)

    @property
    def error(self) -> Problem:
        """What went wrong.

        Raises:
            AssertionError: nothing did; the message has the answer.
        """
        assert isinstance(self.body, ErrorResponse), f"{self.route}: {self.content.decode()}"
        return self.body.error

    @property
    def code(self) -> str:
        """What names the error to programs, such as key_not_found; "" for a success."""
        if self.status == _SUCCESS:
            return ""
        return self.error.type.removeprefix(_CODES)


def call[A](
    http: httpx.Client,
    route: Route[A],
    body: object = None,
    key: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> Reply[A]:
    """Asks a route.

    Args:
        http: a client of where it serves.
        body: a request's struct, or what else becomes JSON; bytes are sent as they are.
        key: the text of the root key that asks; None for nobody.
        headers: that are sent as well, or instead of those that all calls have.

    Raises:
        msgspec.DecodeError: the answer is not of the form that the route says.
    """
    sent = {"content-type": "application/json"}
    if key is not None:
        sent["authorization"] = f"Bearer {key}"
    answer = http.request(
        "GET" if route.request is None else "POST",
        route.path,
        content=body if isinstance(body, bytes) or body is None else msgspec.json.encode(body),
        headers=sent | dict(headers or {}),
    )
    form: type[A | ErrorResponse] = (
        route.answer if answer.status_code == _SUCCESS else ErrorResponse
    )
    return Reply(
        route.name,
        answer.status_code,
        answer.headers,
        answer.content,
        msgspec.json.decode(answer.content, type=form),
    )
