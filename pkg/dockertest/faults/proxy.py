"""A TCP proxy in the test's own process, for faults of the network.

It listens at a port of its own for each port of a server. One thread moves all bytes; whatever
changes is done by that thread.
"""

import os
import selectors
import socket
import threading
import time
import weakref
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress

from pkg.dockertest.faults import relay
from pkg.dockertest.faults.door import Door
from pkg.dockertest.faults.link import Link
from pkg.dockertest.faults.relay import Relay

_open: "weakref.WeakSet[Proxy]" = weakref.WeakSet()
_forking = threading.RLock()  # no fork between a socket's opening and its entry in a proxy


class Proxy:
    """Listens for a server's clients until it is closed. Usable from several threads."""

    def __init__(self, targets: Mapping[int, int]) -> None:
        """Listens at loopback ports, for servers that may not be there yet.

        Args:
            targets: the published port for each port in the container.
        """
        self._up, self._down = Link(up=True), Link(up=False)
        self._closed = False
        self._wishes: deque[Callable[[], None]] = deque()
        self._relays: set[Relay] = set()
        self._buffer = relay.new_buffer()
        self._cut = False
        with _forking:
            self._selector = selectors.DefaultSelector()
            self._waker, self._woken = socket.socketpair()
            self._woken.setblocking(False)
            self._selector.register(self._woken, selectors.EVENT_READ)
            self._doors = {port: Door(target) for port, target in targets.items()}
            _open.add(self)
        for door in self._doors.values():
            self._watch(door)
        self.ports = {port: door.port for port, door in self._doors.items()}
        """The proxy's port for each port in the container."""
        self._thread = threading.Thread(target=self._run, name="berth-proxy", daemon=True)
        self._thread.start()

    def slow(self, up: bool, latency: float, jitter: float, rate: float | None) -> None:
        """Makes one direction slow; see `Link.slow`."""
        self._do(lambda: (self._up if up else self._down).slow(latency, jitter, rate))

    def cut(self, up: bool) -> None:
        """Lets nothing through in one direction, and nobody connect."""
        self._do(lambda: self._block(self._up if up else self._down))

    def reset(self) -> None:
        """Breaks all connections off, and refuses new ones."""
        self._do(self._refuse)

    def heal(self) -> None:
        """Undoes all that."""
        self._do(self._heal)

    @property
    def round_trips(self) -> int:
        """How often a client has spoken after its server had, of all connections together."""
        return self._up.turns

    def check(self) -> None:
        """Refuses what a closed one cannot do.

        Raises:
            RuntimeError: it is closed.
        """
        if self._closed:
            raise RuntimeError("the proxy has ended with its scope")

    def close(self) -> None:
        """Ends the connections and the thread. Of a closed one, nothing is left to do."""
        with suppress(RuntimeError):
            self._do(self._finish)
        self._thread.join()

    def forget(self) -> None:
        """In a forked child: closes the copies of its sockets. The parent's go on."""
        self._closed = True
        self._selector.close()
        for one in self._sockets():
            one.close()

    def _do(self, wish: Callable[[], None]) -> None:
        """Has the thread do something, and waits until it has."""
        done = threading.Event()

        def do() -> None:
            try:
                wish()
            finally:
                done.set()

        self.check()
        self._wishes.append(do)
        with suppress(OSError):
            self._waker.send(b"\0")
        while not done.wait(0.1):
            if not self._thread.is_alive():
                raise RuntimeError("the proxy has ended with its scope")

    def _run(self) -> None:
        try:
            while not self._closed:
                self._step()
        finally:
            with _forking:
                self._closed = True
                for one in list(self._relays):
                    one.close(self._selector, broken=True)
                self._selector.close()
                for socket_ in self._sockets():
                    socket_.close()
                _open.discard(self)

    def _step(self) -> None:
        now = time.monotonic()
        wakes_at = min((one.wakes_at(now) for one in self._relays), default=float("inf"))
        timeout = None if wakes_at == float("inf") else max(0.0, wakes_at - now)
        for key, mask in self._selector.select(timeout):
            if isinstance(key.data, Relay):
                self._serve(key.data, key, mask)
            elif isinstance(key.data, Door):
                self._accept(key.data)
            else:
                self._obey()
        if not (self._up.is_plain and self._down.is_plain) or wakes_at < float("inf"):
            for one in list(self._relays):
                self._serve(one)

    def _serve(self, one: Relay, ready: selectors.SelectorKey | None = None, mask: int = 0) -> None:
        """Lets a connection go on, and ends it when it has ended or broken off."""
        if one not in self._relays:
            return  # it has ended since its socket was ready
        try:
            if ready is None:
                one.due(time.monotonic())
            else:
                one.ready(ready.fileobj, mask, self._buffer)
        except OSError:
            self._end(one, broken=True)
            return
        if one.is_done:
            self._end(one, broken=False)
        else:
            one.register(self._selector, time.monotonic())

    def _end(self, one: Relay, *, broken: bool) -> None:
        one.close(self._selector, broken=broken)
        self._relays.discard(one)

    def _obey(self) -> None:
        with suppress(BlockingIOError):
            self._woken.recv(4096)
        while self._wishes:
            self._wishes.popleft()()
        for one in list(self._relays):
            self._serve(one)

    def _accept(self, door: Door) -> None:
        if self._cut:
            return  # since it was seen that somebody wants to connect
        with _forking:
            while client := door.accept():
                try:
                    made = Relay.to(door.target, client, self._up, self._down)
                except OSError:  # such as too many open files
                    relay.reset(client)
                    continue
                self._relays.add(made)
                made.register(self._selector, time.monotonic())

    def _watch(self, door: Door) -> None:
        assert door.listener
        door.listener.setblocking(False)
        self._selector.register(door.listener, selectors.EVENT_READ, door)

    def _block(self, link: Link) -> None:
        link.cut = True
        for door in self._doors.values():
            if door.listener and not self._cut:
                self._accept(door)  # those that the kernel has let in before
                self._selector.unregister(door.listener)
                with _forking:
                    door.block()
        self._cut = True

    def _refuse(self) -> None:
        for door in self._doors.values():
            if door.listener:
                if not self._cut:
                    self._selector.unregister(door.listener)
                door.refuse()
        self._cut = True
        for one in list(self._relays):
            self._end(one, broken=True)

    def _heal(self) -> None:
        for link in (self._up, self._down):
            link.cut = False
            link.slow()
        if self._cut:
            self._cut = False
            for door in self._doors.values():
                with _forking:
                    door.open()
                self._watch(door)
        for one in self._relays:
            one.hurry()

    def _finish(self) -> None:
        self._closed = True

    def _sockets(self) -> list[socket.socket]:
        relayed = [one for pair in self._relays for one in (pair.client, pair.server)]
        doors = [one for door in self._doors.values() for one in door.sockets()]
        return [self._waker, self._woken, *doors, *relayed]


def _forget_all() -> None:
    _forking.release()
    for proxy in list(_open):
        proxy.forget()
    _open.clear()


os.register_at_fork(
    before=_forking.acquire, after_in_parent=_forking.release, after_in_child=_forget_all
)
