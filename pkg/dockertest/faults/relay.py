"""One connection through a proxy: two sockets, and the bytes on their way between them."""

import selectors
import socket
import struct
import time
from contextlib import suppress
from typing import Self

from pkg.dockertest.faults.link import BUFFER, Link, Queue

HOST = "127.0.0.1"
_RESET = struct.pack("ii", 1, 0)  # linger for no time: closing it sends RST
_NEVER = float("inf")


def reset(one: socket.socket) -> None:
    """Closes a socket as a connection that broke off."""
    with suppress(OSError):
        one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    one.close()


class _Flow:
    """One direction of a connection."""

    def __init__(self, source: socket.socket, sink: socket.socket, link: Link) -> None:
        self.source = source
        self.sink = sink
        self.link = link
        self.queue = Queue()
        self.ended = False  # the source has said that nothing more comes
        self.done = False  # the sink has been told
        self.blocked = False  # the sink takes nothing now

    def wants(self, now: float) -> bool:
        """Whether there is a use in reading from its source."""
        return (
            not self.ended and self.link.takes(self.queue.size) > 0 and self.link.free_at() <= now
        )

    def read(self, buffer: memoryview, now: float) -> None:
        """Moves bytes on, once."""
        size = self.source.recv_into(buffer[: self.link.takes(self.queue.size)])
        if size == 0:
            self.ended = True
            self.write(now)
        elif self.link.is_plain and not self.queue.size:
            self._send(buffer[:size])
        else:
            self.queue.put(bytes(buffer[:size]), self.link.arrival(size, now))
            self.write(now)

    def write(self, now: float) -> None:
        """Gives the sink what has come out of the link, and the end behind all of it."""
        if self.link.cut or self.done:
            return
        self.blocked = False
        while not self.blocked and (data := self.queue.take(now)):
            self._send(data)
        if self.ended and not self.queue.size:
            self.done = True
            self.sink.shutdown(socket.SHUT_WR)

    def wakes_at(self, now: float) -> float:
        """When it has to be looked at again although no socket is ready."""
        if self.link.cut or self.done:
            return _NEVER
        at = _NEVER
        if self.queue.size and not self.blocked:
            at = self.queue.next_at()
        if self.link.free_at() > now and not self.ended and self.link.takes(self.queue.size):
            at = min(at, self.link.free_at())
        return at

    def _send(self, data: memoryview | bytes) -> None:
        try:
            sent = self.sink.send(data)
        except BlockingIOError:
            sent = 0
        if sent < len(data):
            self.blocked = True
            self.queue.put_back(bytes(data[sent:]))


class Relay:
    """A client's connection, and the one to the server that is made for it."""

    def __init__(self, client: socket.socket, server: socket.socket, up: Link, down: Link) -> None:
        """Takes two sockets that do not block, the server's about to be connected."""
        self.client = client
        self.server = server
        self.flows = (_Flow(client, server, up), _Flow(server, client, down))
        self._made = False
        self._spoke = self.flows[1]  # who last did: a server may greet
        self._interest = {client: 0, server: 0}

    @classmethod
    def to(cls, port: int, client: socket.socket, up: Link, down: Link) -> Self:
        """Begins to connect a client to a port of loopback.

        Raises:
            OSError: there can be no further socket.
        """
        server = socket.socket()
        for one in (client, server):
            one.setblocking(False)
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        server.connect_ex((HOST, port))  # whether it fails is told when it is ready
        return cls(client, server, up, down)

    def ready(self, one: object, mask: int, buffer: memoryview) -> None:
        """Does what can be done as one of the sockets is ready.

        Raises:
            OSError: the connection broke off.
        """
        now = time.monotonic()
        if not self._made:
            if failed := self.server.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
                raise OSError(failed, "connect")
            self._made = True
            return
        for flow in self.flows:
            if flow.sink is one and mask & selectors.EVENT_WRITE:
                flow.write(now)
            if flow.source is one and mask & selectors.EVENT_READ and flow.wants(now):
                with suppress(BlockingIOError):
                    flow.read(buffer, now)
                    self._heard(flow)

    def _heard(self, flow: _Flow) -> None:
        if flow is not self._spoke and not flow.ended:
            self._spoke = flow
            flow.link.turns += 1

    def due(self, now: float) -> None:
        """Does what has become due with time.

        Raises:
            OSError: the connection broke off.
        """
        if self._made:
            for flow in self.flows:
                if not flow.blocked:
                    flow.write(now)

    def wakes_at(self, now: float) -> float:
        """When `due` and `register` have something to do next."""
        return min(flow.wakes_at(now) for flow in self.flows) if self._made else _NEVER

    def register(self, selector: selectors.BaseSelector, now: float) -> None:
        """Has the selector wait for what is of use now, and for nothing else."""
        wanted = {self.client: 0, self.server: 0 if self._made else selectors.EVENT_WRITE}
        for flow in self.flows if self._made else ():
            if flow.wants(now):
                wanted[flow.source] |= selectors.EVENT_READ
            if flow.blocked and not flow.link.cut:
                wanted[flow.sink] |= selectors.EVENT_WRITE
        for one, mask in wanted.items():
            if mask == self._interest[one]:
                continue
            if not mask:
                selector.unregister(one)
            elif self._interest[one]:
                selector.modify(one, mask, self)
            else:
                selector.register(one, mask, self)
            self._interest[one] = mask

    def hurry(self) -> None:
        """Has whatever is on its way arrive at once."""
        for flow in self.flows:
            flow.queue.hurry()

    @property
    def is_done(self) -> bool:
        """Whether both sides have ended and been told so."""
        return all(flow.done for flow in self.flows)

    def close(self, selector: selectors.BaseSelector, *, broken: bool) -> None:
        """Closes both sockets; of a broken connection, by RST."""
        for one in (self.client, self.server):
            if self._interest[one]:
                selector.unregister(one)
                self._interest[one] = 0
            if broken:
                reset(one)
            else:
                one.close()


def new_buffer() -> memoryview:
    """What `Relay.ready` reads into."""
    return memoryview(bytearray(BUFFER))
