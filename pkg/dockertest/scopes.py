"""A scope: what is started in it ends with it."""

import secrets
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self, TypeVar

from pkg.dockertest import checkout, engine, ready
from pkg.dockertest.container import Container
from pkg.dockertest.engine import Engine
from pkg.dockertest.errors import EngineError, ServerDied
from pkg.dockertest.image import Image
from pkg.dockertest.leash import Leash
from pkg.dockertest.network import Network
from pkg.dockertest.service import Running, Service
from pkg.dockertest.starter import Starter

R = TypeVar("R")

_HOST = "127.0.0.1"
_PIDS = 1024
_LOG = {"Type": "json-file", "Config": {"max-size": "16m", "max-file": "1"}}


@dataclass(frozen=True)
class Started:
    """What a scope has started.

    Attributes:
        service: the service's name.
        container: its container.
        seconds: from the call of `start` until a client operation succeeded.
    """

    service: str
    container: Container
    seconds: float


class Scope(Starter):
    """Starts fresh servers, and ends them when it is closed.

    Every call of `start` starts new ones. Usable from several threads.
    """

    def __init__(self, connect: Callable[[], Engine] = engine.connect) -> None:
        self._connect = connect
        self._lock = threading.Lock()
        self._leashes: list[Leash] = []
        self._networks: list[Network] = []
        self._started: list[Started] = []
        self._closed = False

    @property
    def started(self) -> tuple[Started, ...]:
        """What has been started so far, in the order in which it became ready."""
        with self._lock:
            return tuple(self._started)

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
        raise RuntimeError("the scope is closed: make networks while its test runs")

    def _start_all(self, services: tuple[Service[Any], ...]) -> tuple[Any, ...]:
        at = self._connect()
        if len(services) == 1:
            return (self._start(at, services[0]),)
        with ThreadPoolExecutor(len(services), thread_name_prefix="berth-start") as pool:
            starts = [pool.submit(self._start, at, service) for service in services]
        return tuple(start.result() for start in starts)

    def close(self) -> None:
        """Lets go of all containers, the last one first. They end within a second.

        Its networks end after them, without anybody waiting for that.
        """
        with self._lock:
            self._closed = True
            leashes, self._leashes = self._leashes[::-1], []
            networks, self._networks = self._networks, []
        for leash in leashes:
            leash.close()
        for network in networks:
            network.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _start(self, at: Engine, service: Service[R]) -> R:
        began = time.monotonic()
        loading = threading.Thread(target=service.load, daemon=True)
        loading.start()
        of = service.find(at)
        name = f"berth-{service.service}-{secrets.token_hex(6)}"
        leash = Leash(at, name, _body(service, of))
        self._hold(leash)
        try:
            if service.membership:
                service.membership.network.ensure()
            leash.start(service.archive(at))
            ports = _ports(at, name, service.ports)
            environment = service.environment(ports)
            payload = b"".join(f"{n}={value}\0".encode() for n, value in environment.items())
            leash.command(f"start {len(payload)}", payload)
            container = Container(at, name, of.name, leash)
            running = Running(_HOST, ports, environment, container)
            loading.join()
            server = ready.wait(service, running, service.start_seconds)
        except BaseException as error:
            leash.close()
            if self._closed and isinstance(error, Exception):
                raise RuntimeError(
                    f"the scope was closed while {service.service} was starting in it"
                ) from error
            raise
        with self._lock:
            self._started.append(Started(service.service, container, time.monotonic() - began))
        return server

    def _hold(self, leash: Leash) -> None:
        """Registers a leash before anything is made, so that a start that fails leaks nothing."""
        with self._lock:
            if self._closed:
                leash.close()
                raise RuntimeError("the scope is closed: start servers while its test runs")
            self._leashes.append(leash)


def scope() -> Scope:
    """A scope for a `with` statement."""
    return Scope()


def _body(service: Service[Any], of: Image) -> dict[str, Any]:
    memory = service.memory_mb << 20
    own = service.description(of)
    host = own.pop("HostConfig")
    if service.membership:
        own |= service.membership.description()
        host["NetworkMode"] = service.membership.network.name
    ports = [f"{port}/tcp" for port in service.ports]
    return {
        **own,
        "Image": of.name,
        "Labels": {
            "berth": "container",
            "berth.role": "dynamic",
            "berth.service": service.service,
            "berth.checkout": checkout.identity(),
            "berth.owner": checkout.owner(),
        },
        "ExposedPorts": {port: {} for port in ports},
        "HostConfig": {
            **host,
            "PortBindings": {port: [{"HostIp": _HOST, "HostPort": ""}] for port in ports},
            "Memory": memory,
            "MemorySwap": memory,
            "PidsLimit": _PIDS,
            "SecurityOpt": ["no-new-privileges"],
            "LogConfig": _LOG,
        },
    }


def _ports(at: Engine, name: str, wanted: Sequence[int]) -> dict[int, int]:
    try:
        about = at.request("GET", f"/containers/{name}/json")
    except EngineError as error:
        if error.status != 404:
            raise
        raise ServerDied(f"the container {name} ended at once: {error}") from error
    published = about["NetworkSettings"]["Ports"] or {}
    found = {
        int(port.partition("/")[0]): int(bindings[0]["HostPort"])
        for port, bindings in published.items()
        if bindings
    }
    if not found.keys() >= set(wanted):  # the engine takes them back before it removes the rest
        raise ServerDied(f"the container {name} ended at once: its ports are not published")
    return found
