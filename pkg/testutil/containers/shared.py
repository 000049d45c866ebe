"""`containers.start(Redis())`: the same values and results as dockertest's, on shared servers."""

import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from pkg.dockertest import InvalidOption, Scope, Service, engine, image, ready
from pkg.dockertest.engine import Engine
from pkg.dockertest.starter import Starter, check
from pkg.testutil.containers import tenant
from pkg.testutil.containers.parted import Parted, SharedServerEnded, process
from pkg.testutil.containers.tenant import Tenancy
from pkg.testutil.containers.turns import shares
from pkg.testutil.containers.whole import Whole, keeper

R = TypeVar("R")

_WHERE = "with the dockertest fixture (under Bazel: of dynamic_container_test)"


class Containers(Starter):
    """Gives tests their parts of the shared servers of this checkout, and starts those if needed.

    Every call of `start` gives another part, a tenant, which is removed when this is closed. `raw`
    gives a server whole.
    """

    def __init__(self, connect: Callable[[], Engine] = engine.connect) -> None:
        self._connect = connect
        self._lock = threading.Lock()
        self._turns: dict[str, Callable[[], None]] = {}  # how each is ended
        self._whole: set[str] = set()
        self._ends: list[Callable[[], None]] = []
        self._tenancies: dict[str, type[Tenancy[Any]]] = {}
        self._closed = False
        self._own = Scope(connect)

    def raw(self, service: Service[R]) -> R:
        """The shared server itself, whole: no other test has it or a part of it meanwhile.

        What the test leaves on it, or changes, fails the test when this is closed; with the
        variable BERTH_LEAKS=warn it is a warning.

        Raises:
            InvalidOption: an option is given that is the whole server's; or this test has a part
                of the server.
            TurnTimeout: other tests kept it for too long.
            WrongArgument: it is not a service's value.
        """
        check((service,), "raw")
        kind = type(service).__name__
        if service.is_whole:
            raise InvalidOption(
                f"containers.raw({service!r}): it gives the shared server, which is whole: leave "
                f"whole out, or take a server of your own: containers.start({service!r})"
            )
        _check_options(service)
        with self._lock:
            if service.service in self._turns:
                raise InvalidOption(
                    f"containers.raw({kind}()): this test has the server already, or a part of "
                    "it; ask for it once, and first"
                )
        # Before the turn: a server of another image is replaced, and that needs everybody's end.
        at = self._connect()
        parted = process.find(at, (service,))[service.service]
        whole = Whole(service.service, parted)
        with self._lock:
            self._turns[service.service] = whole.end
            self._whole.add(service.service)
        self._through(at, service, parted, whole.look)
        self._ends.append(whole.compare)
        result: R = parted.whole
        return result

    @property
    def tenancies(self) -> tuple[type[Tenancy[Any]], ...]:
        """How the servers are parted that parts of have been given."""
        with self._lock:
            return tuple(self._tenancies.values())

    def close(self) -> None:
        """Removes all tenants, the last one first, going on after one that cannot be.

        Raises:
            Leaked: the test has left something on a server that it had whole.
            ExceptionGroup: what kept several from being removed; a later process removes them.
        """
        with self._lock:
            self._closed = True
            ends, self._ends = self._ends[::-1], []
            turns, self._turns = self._turns, {}
        errors: list[Exception] = []
        ends.append(self._own.close)
        ended: set[str] = set()  # each of these is told of once, not by each part of it
        for end in ends:
            try:
                end()
            except SharedServerEnded as error:
                if error.service not in ended:
                    errors.append(error)
                ended.add(error.service)
            except Exception as error:
                errors.append(error)
        for end_turn in turns.values():
            end_turn()
        if len(errors) > 1:
            raise ExceptionGroup("not everything could be removed from shared servers", errors)
        if errors:
            raise errors[0]

    def _start_all(self, services: tuple[Service[Any], ...]) -> tuple[Any, ...]:
        parts = tuple(service for service in services if not service.is_whole)
        for service in parts:
            parted = tenant.kind(service)
            _check_options(service, parted.options if parted else ())
        at = self._connect()
        found = process.find(at, parts) if parts else {}
        # In one order for all, so that no two tests wait for each other.
        for name in sorted({service.service for service in parts}):
            self._share(name)
        if len(services) == 1:
            return (self._part(at, services[0], found),)
        with ThreadPoolExecutor(len(services)) as pool:
            return tuple(pool.map(lambda service: self._part(at, service, found), services))

    def _share(self, service: str) -> None:
        with self._lock:
            if service in self._whole:
                raise InvalidOption(f"this test has the shared {service} whole: take no part of it")
            if service in self._turns:
                return
        keeper.let_go(service)
        shares.take(service)
        with self._lock:
            if service not in self._turns:
                self._turns[service] = lambda: shares.end(service)
                return
        shares.end(service)  # another thread of this test was faster

    def _part(self, at: Engine, service: Service[Any], found: Mapping[str, Parted]) -> Any:
        if service.is_whole:
            return self._own.start(service)
        parted = found[service.service]
        if parted.tenancy is None:
            return ready.wait(service, parted.running, service.start_seconds)
        tenancy = parted.tenancy
        with self._lock:
            self._tenancies[service.service] = type(tenancy)

        taken = self._through(at, service, parted, lambda: tenancy.take(service))
        name = taken.name if taken else process.name()

        def drop() -> None:
            self._through(at, service, parted, lambda: tenancy.drop(name))

        with self._lock:
            is_closed = self._closed
            if not is_closed:
                self._ends.append(drop)
        if is_closed:
            if taken:
                drop()
            raise RuntimeError("the containers are closed: start while their test runs")
        if taken:
            return taken.server
        return self._through(at, service, parted, lambda: tenancy.open(name, service))

    def _through(
        self, at: Engine, service: Service[Any], parted: Parted, ask: Callable[[], R]
    ) -> R:
        """Asks a server something in its turn, and looks for it if it does not answer."""
        try:
            with parted.turn:
                return ask()
        except Exception as error:
            lost = process.lost(at, service, parted, error)
            if lost is error:
                raise
            raise lost from error


def _check_options(service: Service[Any], own: Sequence[str] = ()) -> None:
    kind = type(service).__name__
    if service.service not in image.pins():
        raise InvalidOption(
            f"containers.start({kind}(…)): no server of that kind is shared; take one of your "
            f"own {_WHERE}: dockertest.start({kind}(…))"
        )
    if service.membership:
        raise InvalidOption(
            f"containers.start({kind}().on(…)): a shared server joins no network of a test's; "
            f"take one of your own {_WHERE}: dockertest.start({kind}().on(…))"
        )
    if service.is_proxied:
        raise InvalidOption(
            f"containers.start({kind}().proxied()): faults of the network would hit other tests; "
            f"take one of your own {_WHERE}: dockertest.start({kind}().proxied())"
        )
    default = type(service)()
    for option in ("new_container", *service.server_options):
        value = getattr(service, option)
        if option not in own and value != getattr(default, option):
            raise InvalidOption(
                f"containers.start({kind}({option}={value!r})): {option} is the whole server's, "
                f"and the server is shared; take one of your own {_WHERE}: "
                f"dockertest.start({kind}({option}={value!r}))"
            )
