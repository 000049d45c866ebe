"""A scope: what is started in it ends with it."""

import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

from pkg.dockertest import ahead, engine
from pkg.dockertest import lease as leases
from pkg.dockertest.container import Container
from pkg.dockertest.engine import Engine
from pkg.dockertest.lease import Lease
from pkg.dockertest.network import Network
from pkg.dockertest.service import Service
from pkg.dockertest.slot import Hold
from pkg.dockertest.starter import Starter

R = TypeVar("R")


class ScopeClosed(RuntimeError):
    """The scope has ended, and with it whatever is started in it."""


@dataclass(frozen=True)
class Started:
    """What a scope has started.

    Attributes:
        service: the service's name.
        container: its container.
        seconds: from the call of `start` until a client operation succeeded.
        is_ahead: whether it had been started before that, for this test.
    """

    service: str
    container: Container
    seconds: float
    is_ahead: bool = False


class Scope(Starter):
    """Starts fresh servers, and ends them when it is closed.

    Every call of `start` starts new ones. Usable from several threads.
    """

    def __init__(self, connect: Callable[[], Engine] = engine.connect) -> None:
        self._connect = connect
        self._owner = os.getpid()
        self._mutex = threading.Lock()
        self._holds: list[Hold] = []
        self._networks: list[Network] = []
        self._started: list[Started] = []
        self._asked: list[Service[Any]] = []
        self._closed = False

    @property
    def _lock(self) -> threading.Lock:
        if self._owner != os.getpid():
            # In a forked child: what the scope holds is the parent's, and so may the lock be.
            self._owner = os.getpid()
            self._mutex = threading.Lock()
            self._holds = []
            self._networks = []
        return self._mutex

    @property
    def started(self) -> tuple[Started, ...]:
        """What has been started so far, in the order in which it became ready."""
        with self._lock:
            return tuple(self._started)

    @property
    def asked(self) -> tuple[Service[Any], ...]:
        """The values of what has been started so far, in the order in which they were asked for."""
        with self._lock:
            return tuple(self._asked)

    def network(self) -> Network:
        """Makes a network, on which containers reach one another by name; see `Service.on`.

        It ends with the scope; containers on it may be of other scopes that end earlier.

        Raises:
            EngineUnavailable: no Docker Engine answers.
            EngineError: the engine refused it.
            RuntimeError: the scope is closed.
        """
        network = Network(self._connect())
        if not self._closed:
            network.ensure()
        with self._lock:
            if not self._closed:
                self._networks.append(network)
                return network
        network.close()
        raise ScopeClosed("the scope is closed: make networks while its test runs")

    def _start_all(self, services: tuple[Service[Any], ...]) -> tuple[Any, ...]:
        with self._lock:
            self._asked += services
        at = self._connect()
        if len(services) == 1:
            return (self._start(at, services[0]),)
        with ThreadPoolExecutor(len(services), thread_name_prefix="berth-start") as pool:
            starts = [pool.submit(self._start, at, service) for service in services]
        return tuple(start.result() for start in starts)

    def close(self) -> None:
        """Ends all servers, the last one first, without waiting for it.

        Its networks end after them, without anybody waiting for that.
        """
        with self._lock:
            self._closed = True
            holds, self._holds = self._holds[::-1], []
            networks, self._networks = self._networks, []
        for hold in holds:
            hold.end()
        for network in networks:
            network.close()

    def _start(self, at: Engine, service: Service[R]) -> R:
        began = time.monotonic()
        try:
            lease: Lease[R] | None = ahead.stock.take(at, service, self._hold)
            is_ahead = lease is not None
            if lease is None:
                lease = leases.start(at, service, self._hold)
        except Exception as error:
            if self._closed and not isinstance(error, ScopeClosed):
                raise ScopeClosed(
                    f"the scope was closed while {service.service} was starting in it"
                ) from error
            raise
        seconds = time.monotonic() - began
        with self._lock:
            self._started.append(Started(service.service, lease.container, seconds, is_ahead))
        return lease.server

    def _hold(self, hold: Hold) -> None:
        """Registers a hold before anything is made, so that a start that fails leaks nothing."""
        with self._lock:
            if not self._closed:
                self._holds.append(hold)
                return
        hold.end()
        raise ScopeClosed("the scope is closed: start servers while its test runs")


def scope() -> Scope:
    """A scope for a `with` statement."""
    return Scope()
