"""Rates are limited in name spaces that are there, or that may be made; nowhere else."""

from datetime import timedelta
from typing import Any

import pytest

from pkg.fault import Fault, Kind
from services.api.domain.stored import Namespace
from services.api.domain.times import milliseconds
from services.api.limiting import Space
from services.api.limiting.limits import Decided
from services.api.rpc import ratelimit_limit, ratelimit_multi_limit
from services.api.rpc.namespaces import Rooms
from services.api.testutil.ports import CLOCK, port
from services.api.testutil.serving import call
from services.api.wire.ratelimit import LimitRequest

RESET = CLOCK.now() + timedelta(minutes=1)


class Store:
    """Name spaces of ws_1 by name, and what was done."""

    def __init__(self, **spaces: Space) -> None:
        self.spaces = spaces
        self.made: list[Any] = []
        self.forgotten: list[Any] = []
        self.taken: list[tuple[Space, LimitRequest]] = []

    def add(self, workspace_id: str, namespace: Namespace, row: Any) -> Namespace:
        """Makes a name space."""
        self.made.append((workspace_id, namespace, row))
        return namespace

    def take(self, space: Space, asked: LimitRequest) -> Decided:
        """Lets through what costs nothing."""
        self.taken.append((space, asked))
        return Decided(asked.cost == 0, asked.limit, 3, RESET, None)

    def take_each(self, asked: list[tuple[Space, LimitRequest]]) -> list[Decided]:
        """The same, for several."""
        return [self.take(*each) for each in asked]

    @property
    def rooms(self) -> Rooms:
        """As operations have them."""
        found = port(
            find=lambda workspace_id, name: (
                self.spaces.get(name) if workspace_id == "ws_1" else None
            ),
            forget=lambda *given: self.forgotten.append(given),
        )
        return Rooms(port(add=self.add), found, CLOCK)


SMS = Space(Namespace("rlns_1", "sms"))
GONE = Space(Namespace("rlns_2", "gone", deleted=True))


def asked(namespace: str = "sms", cost: int = 0) -> LimitRequest:
    """So much in a minute."""
    return LimitRequest(
        namespace=namespace, identifier="user_1", limit=5, duration=60_000, cost=cost
    )


@pytest.mark.parametrize(("cost", "success"), [(0, True), (1, False)])
def test_what_was_decided_is_told(cost: int, success: bool) -> None:
    """Whether it passes or not."""
    store = Store(sms=SMS)
    run = ratelimit_limit.operation(store.rooms, port(take=store.take)).run
    told = run(call("ratelimit.rlns_1.limit"), asked(cost=cost))
    assert (told.success, told.limit, told.remaining) == (success, 5, 3)
    assert told.reset == milliseconds(RESET)
    assert [space for space, _ in store.taken] == [SMS]


def test_a_name_space_is_made_by_who_may() -> None:
    """With an audit row; the caches are told."""
    store = Store()
    run = ratelimit_limit.operation(store.rooms, port(take=store.take)).run
    run(call("ratelimit.*.limit", "ratelimit.*.create_namespace"), asked())
    [(workspace_id, namespace, row)] = store.made
    assert (workspace_id, namespace.name, row.event) == ("ws_1", "sms", "namespace.create")
    assert [space.namespace for space, _ in store.taken] == [namespace]
    assert store.forgotten == [("ws_1", namespace, "sms")]


@pytest.mark.parametrize(
    ("held", "workspace", "namespace", "kind"),
    [
        (["ratelimit.*.limit"], "ws_1", "other", Kind.NOT_FOUND),
        (["ratelimit.*.limit"], "ws_2", "sms", Kind.NOT_FOUND),
        (["ratelimit.*.limit"], "ws_1", "gone", Kind.GONE),
        (["ratelimit.rlns_2.limit"], "ws_1", "sms", Kind.FORBIDDEN),
        (["ratelimit.*.create_namespace"], "ws_1", "sms", Kind.FORBIDDEN),
    ],
)
def test_otherwise_nothing_is_counted(
    held: list[str], workspace: str, namespace: str, kind: Kind
) -> None:
    """One of several that is refused, refuses all."""
    store = Store(sms=SMS, gone=GONE)
    limits = port(take=store.take, take_each=store.take_each)
    by = call(*held, workspace_id=workspace)
    with pytest.raises(Fault) as refused:
        ratelimit_limit.operation(store.rooms, limits).run(by, asked(namespace))
    assert refused.value.kind is kind
    with pytest.raises(Fault) as refused:
        ratelimit_multi_limit.operation(store.rooms, limits).run(
            by, [asked(namespace), asked(namespace)]
        )
    assert refused.value.kind is kind
    assert store.taken == []


def test_several_limits_are_decided_each_for_itself() -> None:
    """Also where one lets nothing through; all have to, to pass."""
    store = Store(sms=SMS)
    run = ratelimit_multi_limit.operation(store.rooms, port(take_each=store.take_each)).run
    told = run(call("ratelimit.*.limit"), [asked(cost=1), asked(cost=0)])
    assert [each.passed for each in told.limits] == [False, True]
    assert [(each.namespace, each.identifier) for each in told.limits] == [("sms", "user_1")] * 2
    assert not told.passed
    assert run(call("ratelimit.*.limit"), [asked(), asked()]).passed


def test_who_may_make_but_not_limit_makes_nothing_of_use() -> None:
    """The right to limit is asked for in the new name space, too."""
    store = Store()
    run = ratelimit_limit.operation(store.rooms, port(take=store.take)).run
    with pytest.raises(Fault, match="insufficient_permissions"):
        run(call("ratelimit.*.create_namespace"), asked())
    assert store.made == []
