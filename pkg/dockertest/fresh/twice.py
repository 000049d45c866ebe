"""One server does its worst, and the next one in its container is compared with a new one's."""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from typing import Any, TypeVar

from pkg.dockertest import Scope, Server, Service, slots
from pkg.dockertest.fresh import stock
from pkg.testutil import eventually

R = TypeVar("R", bound=Server)
Facts = Mapping[str, object]
Reasons = Mapping[str, str]
Uses = Sequence[Callable[[], object]]

_SETTLE_SECONDS = 20.0  # servers go on making files and threads after their first answer
_EVERY_SECONDS = 0.5
_MEMORY_SHARE = 1.3
_MEMORY_MORE = 16 << 20


def assert_fresh(
    service: Service[R],
    worst: Callable[[R, ExitStack], Uses | None],
    facts: Callable[[R], Facts],
    volatile: Reasons,
    volatile_lines: Reasons | None = None,
    *,
    before: Service[R] | None = None,
) -> None:
    """Asserts that the next server in a container is like that in a new one.

    Args:
        service: what to start.
        worst: does to the first server whatever it lets be done. What it puts on the stack, such as
            clients, is left until the end. What it returns are uses of connections that it left
            open, each of which must fail at the next server.
        facts: what a server tells of itself, by name.
        volatile: names of facts that differ between any two servers, and why.
        volatile_lines: regular expressions of such lines in the stock, and why.
        before: what the first server is, if it is started with other options.
    """
    slots.idle.close()
    with Scope() as scope:
        new = scope.start(type(service)(**{**vars(service), "new_container": True}))
        new_facts, new_stock = _settled(lambda: (facts(new), stock.take(new)))
        new_memory = new.container.memory_bytes()
    with ExitStack() as left:
        with Scope() as scope:
            old = scope.start(before or service)
            uses = worst(old, left) or ()
        with Scope() as scope:
            again = scope.start(service)
            assert again.container.name == old.container.name, "it is another container"
            assert_refused(service, old)
            assert_useless(uses)
            assert_same(facts, again, new_facts, volatile)
            memory = again.container.memory_bytes()
            most = new_memory * _MEMORY_SHARE + _MEMORY_MORE
            assert memory <= most, f"{memory} bytes, in a new container {new_memory}"

            def stock_is_the_same() -> None:
                now = Counter(lines(stock.take(again), volatile_lines))
                before = Counter(lines(new_stock, volatile_lines))
                more, less = sorted((now - before).elements()), sorted((before - now).elements())
                if more or less:
                    raise AssertionError(f"in the used container: {more}; not in it: {less}")

            _settle(stock_is_the_same)


def assert_refused(service: Service[R], old: R) -> None:
    """The credentials of the server before are good for nothing."""
    try:
        service.check(old)
    except Exception:
        return
    raise AssertionError(f"{old!r}: its credentials are still good")


def assert_useless(uses: Uses) -> None:
    """Connections to the server before do not reach this one."""
    for use in uses:
        try:
            answer = use()
        except Exception:
            continue
        raise AssertionError(f"a connection that was left open answers: {answer!r}")


def assert_same(facts: Callable[[R], Facts], server: R, expected: Facts, volatile: Reasons) -> None:
    """The server tells of itself what a new one does."""

    def difference() -> dict[str, Any]:
        now = facts(server)
        return {
            name: {"new container": expected.get(name), "used container": now.get(name)}
            for name in sorted(now.keys() | expected.keys())
            if name not in volatile and now.get(name) != expected.get(name)
        }

    def nothing_differs() -> None:
        found = difference()
        assert not found, str(found)

    _settle(nothing_differs)


def lines(of: list[str], volatile: Reasons | None) -> list[str]:
    """Without those that match."""
    return [line for line in of if not any(re.search(one, line) for one in volatile or {})]


def _settled(take: Callable[[], tuple[Facts, list[str]]]) -> tuple[Facts, list[str]]:
    """What is taken twice running."""
    last = take()

    def nothing_has_changed() -> None:
        nonlocal last
        before, last = last, take()
        assert Counter(before[1]) == Counter(last[1]), "it goes on changing"

    _settle(nothing_has_changed)
    return last


def _settle(holds: Callable[[], None]) -> None:
    eventually(holds, within=_SETTLE_SECONDS, every=_EVERY_SECONDS)
