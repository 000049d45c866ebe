"""A lease: a server that is ready for use, and the hold on it."""

import os
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pkg.dockertest import checkout, image, ready, slots
from pkg.dockertest.container import Container
from pkg.dockertest.engine import PORT_TAKEN, Engine
from pkg.dockertest.errors import (
    ContainerGone,
    EngineError,
    EngineUnavailable,
    ImageUnavailable,
    ServerDied,
)
from pkg.dockertest.faults import standing
from pkg.dockertest.faults.proxy import Proxy
from pkg.dockertest.image import Image
from pkg.dockertest.service import Running, Service
from pkg.dockertest.slot import Hold, Slot, Spec

R = TypeVar("R")

HOST = "127.0.0.1"
_PIDS = 1024
_PORT_TRIES = 3
_loaded: set[type] = set()  # kinds of services whose client library is there
_importing = threading.RLock()  # no fork in the middle: the child would wait for the import's end
_LOG = {"Type": "json-file", "Config": {"max-size": "16m", "max-file": "1"}}


@dataclass(frozen=True)
class Lease(Generic[R]):
    """A server that is ready.

    Attributes:
        server: the service's result.
        container: its container.
        hold: ends it.
        ready: when a client operation succeeded, by the monotonic clock.
    """

    server: R
    container: Container
    hold: Hold
    ready: float


def start(at: Engine, service: Service[R], register: Callable[[Hold], None]) -> Lease[R]:
    """Starts a fresh server: in an idle slot if there is one, else in a new container.

    Args:
        at: the engine.
        service: what to start.
        register: called with each hold before anything is done through it; whoever registers it
            ends it. Of a start that fails nothing is left, whether it is ended or not.

    Raises:
        ImageUnavailable: the image is not here.
        EngineUnavailable: no Docker Engine answers.
        EngineError: the engine refused it.
        ServerDied: the server ended while starting.
        NotReady: it took too long.
    """
    loaded = _loading(service)
    tries = _PORT_TRIES
    may_be_used = True
    while True:
        spec = _spec(at, service, service.find(at))
        wanted = spec.reusable and may_be_used
        used = slots.idle.take(at.endpoint.host, spec.key) if wanted else None
        hold = Hold(used or Slot(at, spec), slots.idle.give_back)
        try:
            register(hold)
            lease = _start(service, hold, is_made=used is not None, loaded=loaded)
        except ImageUnavailable:
            hold.end()
            if image.forget(hold.slot.image):
                continue  # it was removed since the last start
            raise
        except (ServerDied, EngineError, EngineUnavailable) as error:
            is_gone = isinstance(error, ContainerGone) or not hold.slot.is_alive()
            hold.end()
            if used and is_gone:
                continue  # it could not be cleared, or somebody has ended it
            if used and isinstance(error, ServerDied):
                # It may not bear the connections of the one before, which the kernel keeps a while.
                may_be_used = False
                continue
            tries -= 1
            if tries and isinstance(error, EngineError) and PORT_TAKEN.search(str(error)):
                continue  # somebody was faster at the port that the engine chose
            raise
        except BaseException:
            hold.end()
            raise
        hold.ready()
        return lease


def _loading(service: Service[Any]) -> Callable[[], None]:
    """Imports the client library while the engine is busy; what it returns waits for that."""
    kind = type(service)
    if kind in _loaded:
        return lambda: None
    failed: list[ImportError] = []

    def load() -> None:
        try:
            with _importing:
                service.load()
        except ImportError as error:
            need = f"{kind.__name__} needs its client library"
            error.add_note(f"{need}: {checkout.install(service.service)}")
            failed.append(error)
        else:
            _loaded.add(kind)

    def wait() -> None:
        thread.join()
        if failed:
            raise failed[0]

    thread = threading.Thread(target=load, daemon=True)
    thread.start()
    return wait


def _start(service: Service[R], hold: Hold, is_made: bool, loaded: Callable[[], None]) -> Lease[R]:
    slot = hold.slot
    if not is_made:
        if service.membership:
            service.membership.network.ensure()
        slot.make()
    hold.at_end(lambda: standing.forget(slot.name))
    ports: Mapping[int, int] = slot.ports
    proxy = None
    if service.is_proxied:  # before the server starts: it may tell its clients the ports
        proxy = _proxy(hold)
        ports = proxy.ports
    environment = service.environment(ports)
    hold.start(b"".join(f"{name}={value}\0".encode() for name, value in environment.items()))
    container = Container(slot.engine, slot.name, slot.image, hold, proxy)
    loaded()
    running = Running(HOST, ports, environment, container)
    server = ready.wait(service, running, service.start_seconds)
    return Lease(server, container, hold, time.monotonic())


def _proxy(hold: Hold) -> Proxy:
    proxy = Proxy(hold.slot.ports)
    try:
        hold.at_end(proxy.close)
    except RuntimeError:
        proxy.close()
        raise
    return proxy


def _spec(at: Engine, service: Service[Any], of: Image) -> Spec:
    own = service.description(of)
    host = own.pop("HostConfig")
    if service.membership:
        own |= service.membership.description()
        host["NetworkMode"] = service.membership.network.name
    memory = service.memory_mb << 20
    ports = [f"{port}/tcp" for port in service.ports]
    body = {
        **own,
        "Image": of.name,
        "Labels": {
            **checkout.labels("container", "dynamic"),
            "berth.service": service.service,
        },
        "ExposedPorts": {port: {} for port in ports},
        "HostConfig": {
            **host,
            "PortBindings": {port: [{"HostIp": HOST, "HostPort": ""}] for port in ports},
            "Memory": memory,
            "MemorySwap": memory,
            "PidsLimit": _PIDS,
            "SecurityOpt": ["no-new-privileges"],
            "LogConfig": _LOG,
        },
    }
    is_reusable = service.is_sealed and not service.membership and not service.new_container
    return Spec(service.service, body, tuple(service.ports), service.archive(at), is_reusable)


os.register_at_fork(
    before=_importing.acquire,
    after_in_parent=_importing.release,
    after_in_child=_importing.release,
)
