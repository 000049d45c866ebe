"""The shared servers as this process knows them: found once, and then spoken to."""

import itertools
import os
import threading
from typing import Any

from pkg.dockertest import DockertestError, Service, ready
from pkg.dockertest.engine import Engine
from pkg.dockertest.service import Running
from pkg.testutil.containers import by_hand
from pkg.testutil.containers import owner as owners
from pkg.testutil.containers import tenant as tenants
from pkg.testutil.containers.project import Project
from pkg.testutil.containers.tenant import Tenancy


class SharedServerEnded(DockertestError):
    """A shared server that this process used has ended, or was replaced, under its tests.

    Attributes:
        service: the service's name.
    """

    def __init__(self, message: str, service: str) -> None:
        super().__init__(message)
        self.service = service


class Parted:
    """A shared server and its tenancy.

    Attributes:
        running: what results are made from.
        whole: the result for the whole server.
        tenancy: how it is parted; None where its service has no tenants.
        started: when its container was.
        turn: taken by those who speak through the tenancy.
    """

    def __init__(
        self, running: Running, whole: Any, tenancy: Tenancy[Any] | None, started: str
    ) -> None:
        self.running = running
        self.started = started
        self.whole = whole
        self.tenancy = tenancy
        self.turn = threading.Lock()


class Process:
    """What this process knows, for all of its tests. Usable from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._naming = threading.Lock()
        self._parted: dict[tuple[str, str], Parted] = {}
        self._owner: owners.Owner | None = None
        self._numbers = itertools.count(1)

    def name(self) -> str:
        """A new tenant's name."""
        with self._naming:
            if self._owner is None:
                self._owner = owners.Owner()
            return tenants.name(self._owner.number, next(self._numbers))

    def find(self, at: Engine, services: tuple[Service[Any], ...]) -> dict[str, Parted]:
        """The shared servers of some services, started where they do not run.

        Raises:
            ComposeFailed: docker compose is not there, or failed.
            NotReady: one is not usable in time.
        """
        with self._lock:
            missing = [
                type(one)()
                for one in services
                if (at.endpoint.host, one.service) not in self._parted
            ]
            running = Project(at).up(missing) if missing else {}
            for service in missing:
                found = running[service.service]
                shared = found.running(at)
                whole = ready.wait(service, shared, service.start_seconds)
                tenancy = tenants.load(whole, service)
                if tenancy:
                    sweep(tenancy)
                made = Parted(shared, whole, tenancy, found.started)
                self._parted[at.endpoint.host, service.service] = made
            return {one.service: self._parted[at.endpoint.host, one.service] for one in services}

    def lost(
        self, at: Engine, service: Service[Any], parted: Parted, cause: Exception
    ) -> Exception:
        """What to raise for a shared server that did not obey: it may have ended.

        It is looked for anew by whoever needs it next.
        """
        with self._lock:
            if self._parted.get((at.endpoint.host, service.service)) is parted:
                del self._parted[at.endpoint.host, service.service]
        shared = Project(at).running().get(service.service)
        is_same = shared and shared.name == parted.whole.container.name
        if shared and is_same and shared.started == parted.started:
            return cause
        return SharedServerEnded(
            f"the shared {service.service} of this checkout ended while tests used it: {cause}; "
            f"start it again with: {by_hand.command('up')}; see why with: "
            f"docker logs {parted.whole.container.name}",
            service.service,
        )


def sweep(tenancy: Tenancy[Any]) -> None:
    """Removes the tenants whose owners are gone."""
    left = [name for name in tenancy.names() if is_left(name)]
    if not left:
        return
    # One that was made ahead has its owner while it is made, then waits, and then has one again.
    waiting = tenancy.waiting()
    for name in left:
        if name not in waiting and is_left(name):
            tenancy.drop(name)


def is_left(name: str) -> bool:
    """Whether it is a tenant's whose owner is gone."""
    number = tenants.owner(name)
    return number is not None and not owners.is_alive(number)


process = Process()


def _forget() -> None:
    """In a forked child: connections and owner are its parent's."""
    process.__init__()  # type: ignore[misc]


os.register_at_fork(after_in_child=_forget)
