"""Starting ahead: servers for coming tests become ready while an earlier test runs."""

import os
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Any

from pkg.dockertest import engine, image
from pkg.dockertest import lease as leases
from pkg.dockertest.engine import Engine
from pkg.dockertest.errors import DockertestError
from pkg.dockertest.lease import Lease
from pkg.dockertest.service import Service
from pkg.dockertest.slot import Hold

_MOST = 8
_SHARE = 4  # of the machine's memory, the limits of what is ahead may take one part in this many
_WORKERS = 2
_TRUSTED_SECONDS = 1.0  # so long a server that was usable is taken to run


class _Wish:
    """A service's value that a coming test wants, and what has become of it."""

    def __init__(self, service: Service[Any]) -> None:
        self.service = service
        self.lease: Future[Lease[Any]] = Future()
        self.is_begun = False
        self._override = _override(service)

    def is_for(self, service: Service[Any]) -> bool:
        # All that an instance has, and not its fields alone: a network is none.
        return (
            type(self.service) is type(service)
            and vars(self.service) == vars(service)
            and self._override == _override(service)
        )

    def give_up(self, *, to_be_used: bool = True) -> None:
        """Ends what was made ready in vain, as soon as it is; its container may be used again."""

        def end(done: Future[Lease[Any]]) -> None:
            if done.exception() is None:
                hold = done.result().hold
                if not to_be_used:
                    hold.tamper()
                hold.end()

        if self.is_begun:
            self.lease.add_done_callback(end)


class Stock:
    """The servers that this process has ready, or is making ready, for its coming tests."""

    def __init__(self, most: int = _MOST, most_mb: int | None = None) -> None:
        """Has at most `most` servers ahead, with at most `most_mb` MiB as their memory limits."""
        self._most = most
        self._most_mb = _machine_mb() // _SHARE if most_mb is None else most_mb
        self._changed = threading.Condition()
        self._wishes: list[_Wish] = []
        self._workers = 0

    def want(self, services: Sequence[Service[Any]]) -> None:
        """Says what the coming tests will start, the next one's first; what is not in it goes.

        It returns at once. What cannot be started is left to the test that asks for it.
        """
        wanted = self._bounded(services)
        with self._changed:
            old, self._wishes = self._wishes, []
            for service in wanted:
                kept = next((wish for wish in old if wish.is_for(service)), None)
                if kept:
                    old.remove(kept)
                self._wishes.append(kept or _Wish(service))
            waiting = sum(not wish.is_begun for wish in self._wishes)
            for _ in range(min(waiting, _WORKERS - self._workers)):
                self._workers += 1
                threading.Thread(target=self._work, name="berth-ahead", daemon=True).start()
        for wish in old:
            wish.give_up()

    def take(
        self, at: Engine, service: Service[Any], register: Callable[[Hold], None]
    ) -> Lease[Any] | None:
        """The lease of a server that was wanted, when it is ready; None if there is none.

        Args:
            at: the engine that it has to be on.
            service: what it has to be.
            register: called with its hold.
        """
        with self._changed:
            wish = next((wish for wish in self._wishes if wish.is_for(service)), None)
            if wish is None:
                return None
            self._wishes.remove(wish)
            if not wish.is_begun:
                return None
        try:
            lease = wish.lease.result()
            if lease.hold.slot.engine.endpoint == at.endpoint and _is_usable(lease):
                register(lease.hold)
                return lease
        except Exception:
            return None  # whoever asks will see why
        except BaseException:
            wish.give_up()
            raise
        lease.hold.end()
        return None

    def close(self) -> None:
        """Ends what is ahead, containers included."""
        with self._changed:
            wishes, self._wishes = self._wishes, []
        for wish in wishes:
            wish.give_up(to_be_used=False)

    def forget(self) -> None:
        """In a forked child: what is ahead is its parent's."""
        self._changed = threading.Condition()
        self._wishes = []
        self._workers = 0

    def _bounded(self, services: Sequence[Service[Any]]) -> list[Service[Any]]:
        bounded: list[Service[Any]] = []
        memory = 0
        for service in services[: self._most]:
            memory += service.memory_mb
            # A network is its scope's, which has not begun.
            if memory <= self._most_mb and not service.membership:
                bounded.append(service)
        return bounded

    def _work(self) -> None:
        while True:
            with self._changed:
                wish = next((wish for wish in self._wishes if not wish.is_begun), None)
                if wish is None:
                    self._workers -= 1
                    return
                wish.is_begun = True
            try:
                wish.lease.set_result(
                    leases.start(engine.connect(), wish.service, lambda hold: None)
                )
            except BaseException as error:
                wish.lease.set_exception(error)


def _is_usable(lease: Lease[Any]) -> bool:
    """Whether its server runs. Asking the engine costs milliseconds: not just after its start."""
    if not lease.hold.slot.is_alive():
        return False
    if time.monotonic() - lease.ready < _TRUSTED_SECONDS:
        return True
    try:
        return lease.container.ended() is None
    except DockertestError:
        return False


def _override(service: Service[Any]) -> str | None:
    return os.environ.get(image.override_variable(service.service))


def _machine_mb() -> int:
    return (os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")) >> 20


stock = Stock()

os.register_at_fork(after_in_child=lambda: stock.forget())
