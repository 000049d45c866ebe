"""Berth's three ways: a new container, a new server in a used one, and one made ahead."""

import time

from benchmarks.dockertest import litter
from benchmarks.dockertest.way import Started, Way
from benchmarks.work import SERVICES
from pkg.dockertest import Scope, ahead, slots
from pkg.dockertest.slot import Slot

_CLEARED_SECONDS = 0.2  # nobody is told when a slot is; the slowest takes 0.1 s
_READY_SECONDS = 60.0


def new(service: str) -> Started:
    """In a container that nobody has used."""
    scope = Scope()
    try:
        server = scope.start(SERVICES[service](new_container=True))
    except BaseException:
        scope.close()
        raise
    return Started(server, scope.close, lambda: litter.gone(server.container.name))


def respawned(service: str) -> Started:
    """In the container of the server before."""
    scope = Scope()
    try:
        server = scope.start(SERVICES[service]())
    except BaseException:
        scope.close()
        raise
    return Started(server, scope.close, lambda: None)


def have_slot(service: str) -> None:
    """Sees to an idle, cleared slot of the service: one that waits long has ended."""
    if not any(slot.spec.service == service and slot.is_alive() for slot in _idle()):
        respawned(service).end()
        time.sleep(_CLEARED_SECONDS)


def have_ahead(service: str) -> None:
    """Has a server made ready ahead, as it happens while an earlier test runs."""
    have_slot(service)
    ahead.stock.want([SERVICES[service]()])
    litter.wait(lambda: all(wish.lease.done() for wish in ahead.stock._wishes), _READY_SECONDS)


def close() -> None:
    """Ends all that waits."""
    ahead.stock.close()
    slots.idle.close()


def _idle() -> list[Slot]:
    return [slot for _, slot in list(slots.idle._idle)]


NEW = Way("new container", new)
RESPAWNED = Way("respawned slot", respawned, have_slot)
AHEAD = Way("made ahead", respawned, have_ahead)
