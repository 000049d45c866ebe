"""A request's body while it comes in."""

from litestar.types import HTTPReceiveMessage, HTTPScope, Receive

from pkg.serving.faults import client_gone, too_large


def header(scope: HTTPScope, name: bytes) -> bytes | None:
    """The first header of that name, which is written in lower case; None if there is none."""
    for key, value in scope["headers"]:
        if key == name:
            return value
    return None


class Body:
    """Receives a body of at most so many bytes.

    Args:
        scope: the request.
        receive: the server's.
        most: bytes.

    Attributes:
        length: what Content-Length announces; 0 if it does not.
        complete: whether nothing of it is still to come.
    """

    __slots__ = ("_most", "_receive", "_received", "complete", "length")

    def __init__(self, scope: HTTPScope, receive: Receive, most: int) -> None:
        self._receive = receive
        self._most = most
        self._received = 0
        # The server has checked that it is a number, of any length with its zeros.
        self.length = int((header(scope, b"content-length") or b"").lstrip(b"0") or 0)
        self.complete = not self.length and header(scope, b"transfer-encoding") is None

    def check_length(self) -> None:
        """Refuses what is announced too long, before any of it is read.

        Raises:
            Fault: it is.
        """
        if self.length > self._most:
            raise too_large()

    async def receive(self) -> HTTPReceiveMessage:
        """The next part, as ASGI has it.

        Raises:
            Fault: the parts together are too long, or the client is gone.
        """
        was_complete = self.complete
        message = await self._next()
        if message["type"] != "http.request" and not was_complete:
            raise client_gone()
        if self._received > self._most:
            raise too_large()
        return message

    async def discard(self) -> None:
        """Reads the rest and keeps nothing of it."""
        while not self.complete:
            await self._next()

    async def _next(self) -> HTTPReceiveMessage:
        message = await self._receive()
        if message["type"] == "http.request":
            self._received += len(message["body"])
            self.complete = not message["more_body"]
        else:
            self.complete = True  # the client is gone
        return message  # type: ignore[return-value]
