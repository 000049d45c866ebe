"""Uvicorn's HTTP/1.1, with bounds for clients that are slow before or after their request.

Between a request's headers and its answer, the gate's deadline holds.
"""

import asyncio
from collections.abc import Callable
from http import HTTPStatus

from uvicorn._types import ASGI3Application, ASGIReceiveCallable, ASGISendCallable, Scope
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from pkg.logs import Log
from pkg.serving.faults import ErrorShape, bad_request
from pkg.serving.limits import Limits

_log = Log(__name__)
_BETWEEN = len(b":\r\n")  # a header's name, its value and the next one
# Requests of one connection that wait until the one before them is answered.
MOST_WAITING = 64
_OF_A_BODY = frozenset({b"content-length", b"transfer-encoding"})


class BadHead(Exception):
    """Headers that may not be. The parser makes a bad request of it."""


class Protocol(HttpToolsProtocol):
    """One connection. `limited` gives it its limits, and the form of its errors."""

    limits: Limits
    shape: ErrorShape
    new_id: Callable[[], str]

    _held_bytes = 0  # received since the parser has told anything: it may keep all of them
    _parsed_bytes = 0  # found in a head so far
    _in_head = True
    _head_timer: asyncio.TimerHandle | None = None
    _unread_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Takes the connection, unless there are too many."""
        super().connection_made(transport)
        if len(self.connections) > self.limits.max_connections:
            _log.warning("connection refused", most=self.limits.max_connections)
            transport.abort()
        else:
            self._expect_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forgets the connection."""
        self._head_came()
        self._answer_was_read()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Parses what has come."""
        if self.cycle is None or self.cycle.response_complete:
            self._expect_head()
        self._held_bytes += len(data)
        super().data_received(data)
        # One header without end, also behind a request that is still at work, or behind a body.
        if self._held_bytes > self.limits.max_header_bytes:
            self.send_400_response("headers too long")

    def on_message_begin(self) -> None:
        """The first byte of a request."""
        super().on_message_begin()
        self._in_head = True
        self._parsed_bytes = 0

    def on_url(self, url: bytes) -> None:
        """A part of the request's target."""
        super().on_url(url)
        self._count(len(url))

    def on_header(self, name: bytes, value: bytes) -> None:
        """A whole header, or one behind a chunked body, which nobody has asked for."""
        if self._in_head:
            super().on_header(name, value)
        self._held_bytes = 0
        self._count(len(name) + len(value) + _BETWEEN)

    def on_headers_complete(self) -> None:
        """The request begins."""
        self._in_head = False
        self._head_came()
        self._held_bytes = 0
        if not self.transport.get_write_buffer_size():
            self._answer_was_read()
        # The parser ends such a request here, and would take its body for the next one.
        if self.parser.should_upgrade() and any(name in _OF_A_BODY for name, _ in self.headers):
            raise BadHead
        if len(self.pipeline) >= MOST_WAITING:
            raise BadHead
        super().on_headers_complete()
        if self.parser.should_upgrade():
            self.cycle.keep_alive = False  # what has come behind it is not parsed

    def on_body(self, body: bytes) -> None:
        """A part of the request's body."""
        self._held_bytes = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        """The request's end."""
        self._held_bytes = 0
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """Gives a client that does not read its answer a while, and no more."""
        super().on_response_complete()
        self._answer_was_read()  # the one before: now this one has its time
        self._expect_reading()

    def pause_writing(self) -> None:
        """The client reads slower than it is answered: who sends is kept waiting."""
        super().pause_writing()
        self._expect_reading()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        async def watched(
            scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable
        ) -> None:
            try:
                await app(scope, receive, send)
            finally:  # also of half an answer
                self._expect_reading()

        super()._start_asgi_task(cycle, watched)

    def _unsupported_upgrade_warning(self) -> None:
        """Nothing: who asks for another protocol gets an answer in this one."""

    def send_400_response(self, msg: str) -> None:
        """Answers what is no HTTP in the shape that all errors have, and closes."""
        if self.transport.is_closing():
            return
        fault, request_id = bad_request(), self.new_id()
        status = HTTPStatus(fault.kind.value)
        _log.info("bad request", request_id=request_id, status=status.value)
        made = self.shape.encode(fault, request_id)
        content = made.content
        head = (
            f"HTTP/1.1 {status.value} {status.phrase}\r\n"
            f"content-type: {made.media_type}\r\ncontent-length: {len(content)}\r\n"
            f"x-request-id: {request_id}\r\nconnection: close\r\n\r\n"
        )
        self.transport.write(head.encode() + content)
        self.transport.close()

    def _count(self, parsed: int) -> None:
        self._parsed_bytes += parsed
        if self._parsed_bytes > self.limits.max_header_bytes:
            raise BadHead

    def _expect_head(self) -> None:
        if not self._head_timer:
            self._head_timer = self.loop.call_later(self.limits.header_timeout, self._too_slow)

    def _head_came(self) -> None:
        if self._head_timer:
            self._head_timer.cancel()
            self._head_timer = None

    def _too_slow(self) -> None:
        self._head_timer = None
        self.transport.abort()

    def _expect_reading(self) -> None:
        if not self._unread_timer and self.transport.get_write_buffer_size():
            self._unread_timer = self.loop.call_later(self.limits.deadline, self._give_up)

    def _answer_was_read(self) -> None:
        if self._unread_timer:
            self._unread_timer.cancel()
            self._unread_timer = None

    def _give_up(self) -> None:
        self._unread_timer = None
        if self.transport.get_write_buffer_size():
            self.transport.abort()


def limited(bounds: Limits, errors: ErrorShape, request_ids: Callable[[], str]) -> type[Protocol]:
    """The protocol with these limits, this shape of errors and these ids of requests."""

    class Limited(Protocol):
        limits = bounds
        shape = errors
        new_id = staticmethod(request_ids)

    return Limited
