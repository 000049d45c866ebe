"""An answer while it goes out."""

import asyncio

from litestar.types import HTTPResponseStartEvent, Message, Send

from pkg.fault import Fault
from pkg.serving import faults
from pkg.serving.body import Body
from pkg.serving.faults import ErrorShape

# For how long the rest of a body is read that nobody wants any more. A client that is still
# sending would otherwise find its connection reset, and not the answer.
_LINGER_SECONDS = 1.0


class Answer:
    """Sends one answer, and notes it.

    Args:
        send: the server's.
        body: of the request; what is still to come of it is discarded.
        request_id: goes into the headers.
        shape: of errors.

    Attributes:
        status: 0 as long as nothing was sent.
        fault: that it tells; None for a success.
    """

    __slots__ = ("_body", "_lingers", "_send", "_shape", "fault", "request_id", "status")

    def __init__(self, send: Send, body: Body, request_id: str, shape: ErrorShape) -> None:
        self._send = send
        self._body = body
        self._shape = shape
        self._lingers = False
        self.request_id = request_id
        self.status = 0
        self.fault: Fault | None = None

    async def send(self, message: Message) -> None:
        """Sends a part, as ASGI has it. Behind the last one, `end` has to be called."""
        if message["type"] == "http.response.start":
            self._start(message)
            await self._send(message)
        elif message["type"] != "http.response.body" or message["more_body"] or self._body.complete:
            await self._send(message)
        else:
            self._lingers = True
            await self._send({**message, "more_body": True})

    async def end(self) -> None:
        """Takes from a client for a while what it still sends, so that it finds its answer."""
        if self._lingers:
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

    def told(self, fault: Fault) -> tuple[bytes, dict[str, str]]:
        """Notes a fault; the body and the headers that tell it."""
        self.fault = fault
        made = self._shape.encode(fault, self.request_id)
        own = {"content-type": made.media_type, "content-length": str(len(made.content))}
        return made.content, {**faults.headers(fault), **made.headers, **own}

    async def fail(self, fault: Fault) -> None:
        """Sends a fault."""
        content, headers = self.told(fault)
        pairs = [(name.encode(), value.encode()) for name, value in headers.items()]
        status = fault.kind.value
        await self.send({"type": "http.response.start", "status": status, "headers": pairs})
        await self.send({"type": "http.response.body", "body": content, "more_body": False})
