"""An answer while it goes out."""

import asyncio

import msgspec
from litestar.types import HTTPResponseStartEvent, Message, Send

from services.vault.rpc.body import Body
from services.vault.rpc.errors import Fault
from services.vault.wire import ErrorResponse, Problem

# For how long the rest of a body is read that nobody wants any more. A client that is still
# sending would otherwise find its connection reset, and not the answer.
_LINGER_SECONDS = 1.0


def encoded(fault: Fault, request_id: str) -> bytes:
    """A fault as the body of an answer."""
    return msgspec.json.encode(ErrorResponse(Problem(fault.code, fault.message, request_id)))


class Answer:
    """Sends one answer, and notes it.

    Args:
        send: the server's.
        body: of the request; what is still to come of it is discarded.
        request_id: goes into the headers.

    Attributes:
        status: 0 as long as nothing was sent.
        code: of the error; "" for a success.
    """

    __slots__ = ("_body", "_send", "code", "request_id", "status")

    def __init__(self, send: Send, body: Body, request_id: str) -> None:
        self._send = send
        self._body = body
        self.request_id = request_id
        self.status = 0
        self.code = ""

    async def send(self, message: Message) -> None:
        """Sends a part, as ASGI has it."""
        if message["type"] == "http.response.start":
            self._start(message)
            await self._send(message)
        elif message["type"] != "http.response.body" or message["more_body"] or self._body.complete:
            await self._send(message)
        else:
            await self._send({**message, "more_body": True})
            await self._linger()
            await self._send({"type": "http.response.body", "body": b"", "more_body": False})

    def _start(self, message: HTTPResponseStartEvent) -> None:
        self.status = message["status"]
        headers = [*message["headers"], (b"x-request-id", self.request_id.encode())]
        if not self._body.complete:
            headers.append((b"connection", b"close"))
        message["headers"] = headers

    async def _linger(self) -> None:
        try:
            async with asyncio.timeout(_LINGER_SECONDS):
                await self._body.discard()
        except TimeoutError:
            pass

    async def fail(self, fault: Fault) -> None:
        """Sends a fault."""
        self.code = fault.code
        content = encoded(fault, self.request_id)
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(content)).encode()),
            *((name.encode(), value.encode()) for name, value in fault.headers.items()),
        ]
        await self.send({"type": "http.response.start", "status": fault.status, "headers": headers})
        await self.send({"type": "http.response.body", "body": content, "more_body": False})
