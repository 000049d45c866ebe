"""A port that a proxy listens at; it can be blocked as by a cut line, and closed, and is kept."""

import select
import socket

from pkg.dockertest.faults.relay import HOST

_BACKLOG = 4096
_FILLERS = 4
_FILLED_SECONDS = 0.02  # a connection over loopback that is not made by then will not be


class Door:
    """The proxy's port for one of the server's, and who listens at it."""

    def __init__(self, target: int) -> None:
        """Opens a free port of loopback; `target` is the one that the server is published at."""
        self.target = target
        # Never listens: the port stays ours while nobody does.
        self._place = _bound(0)
        self.port: int = self._place.getsockname()[1]
        self._fillers: dict[object, socket.socket] = {}
        self.listener: socket.socket | None = None
        self.open()

    def open(self) -> None:
        """Has connections accepted."""
        if self.listener is None:
            self.listener = _bound(self.port)
        self.listener.listen(_BACKLOG)

    def block(self) -> None:
        """Has the kernel drop what wants to connect, as it does when nobody accepts."""
        assert self.listener
        self.listener.listen(0)
        for _ in range(_FILLERS):
            one = socket.socket()
            one.setblocking(False)
            one.connect_ex((HOST, self.port))
            if not select.select([], [one], [], _FILLED_SECONDS)[1]:
                one.close()
                return
            self._fillers[one.getsockname()] = one

    def refuse(self) -> None:
        """Has whatever wants to connect refused."""
        if self.listener:
            self.listener.close()
            self.listener = None
        self._drop_fillers()

    def accept(self) -> socket.socket | None:
        """The next client; None if there is none."""
        while self.listener:
            try:
                one, address = self.listener.accept()
            except OSError:
                break
            filler = self._fillers.pop(address, None)
            if not filler:
                return one
            one.close()
            filler.close()
        return None

    def sockets(self) -> list[socket.socket]:
        """All that it has open."""
        return [self._place, *self._fillers.values(), *([self.listener] if self.listener else [])]

    def _drop_fillers(self) -> None:
        for one in self._fillers.values():
            one.close()
        self._fillers.clear()


def _bound(port: int) -> socket.socket:
    one = socket.socket()
    one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    one.bind((HOST, port))
    return one
