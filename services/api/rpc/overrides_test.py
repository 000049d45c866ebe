"""Overrides are set, told, listed and deleted by who may, in name spaces that are there."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from pkg.fault import Fault, Kind
from services.api.domain.overrides import Override
from services.api.domain.stored import Namespace
from services.api.rpc import (
    ratelimit_delete_override,
    ratelimit_get_override,
    ratelimit_list_overrides,
    ratelimit_set_override,
)
from services.api.rpc.namespaces import Rooms
from services.api.testutil.ports import CLOCK, port
from services.api.testutil.serving import call
from services.api.wire.ratelimit import (
    DeleteOverrideRequest,
    GetOverrideRequest,
    ListOverridesRequest,
    SetOverrideRequest,
)

MINUTE = timedelta(minutes=1)
STORED = [Override(f"rlor_{n}", pattern, n, MINUTE) for n, pattern in enumerate(["*", "a*", "b"])]
NAMESPACES = {
    name: space
    for space in (Namespace("rlns_1", "sms"), Namespace("rlns_2", "gone", deleted=True))
    for name in (space.id, space.name)
}


class Store:
    """The name spaces of ws_1, and what was done."""

    def __init__(self) -> None:
        self.done: list[Any] = []
        self.forgotten: list[Any] = []

    @property
    def rooms(self) -> Rooms:
        """As operations have them."""
        namespaces = port(
            find=lambda workspace_id, name, latest: (
                NAMESPACES.get(name) if workspace_id == "ws_1" and latest else None
            ),
            override=lambda _, pattern: {o.pattern: o for o in STORED}.get(pattern),
            page=lambda _, after, limit: [o for o in STORED if o.id > (after or "")][:limit],
            set=self.set,
            unset=lambda *given: self.done.append(given),
        )
        spaces = port(forget=lambda *given: self.forgotten.append(given))
        return Rooms(namespaces, spaces, CLOCK)

    def set(self, *given: Any) -> str:
        """An override of that pattern was there."""
        self.done.append(given)
        return "rlor_before"


def set_(store: Store, by: Any, namespace: str) -> Any:
    """ratelimit.setOverride"""
    asked = SetOverrideRequest(namespace=namespace, identifier="a*", limit=0, duration=1000)
    return ratelimit_set_override.operation(store.rooms).run(by, asked)


def get(store: Store, by: Any, namespace: str) -> Any:
    """ratelimit.getOverride"""
    asked = GetOverrideRequest(namespace=namespace, identifier="a*")
    return ratelimit_get_override.operation(store.rooms).run(by, asked)


def list_(store: Store, by: Any, namespace: str) -> Any:
    """ratelimit.listOverrides"""
    asked = ListOverridesRequest(namespace=namespace, limit=2)
    return ratelimit_list_overrides.operation(store.rooms).run(by, asked)


def delete(store: Store, by: Any, namespace: str) -> Any:
    """ratelimit.deleteOverride"""
    asked = DeleteOverrideRequest(namespace=namespace, identifier="a*")
    return ratelimit_delete_override.operation(store.rooms).run(by, asked)


@pytest.mark.parametrize("name", ["sms", "rlns_1"])
def test_an_override_is_set(name: str) -> None:
    """The id is the one that it has, also if it was there; audit and caches are told."""
    store = Store()
    told = set_(store, call("ratelimit.rlns_1.set_override"), name)
    assert told.override_id == "rlor_before"
    [(namespace_id, override, row)] = store.done
    assert namespace_id == "rlns_1"
    assert (override.pattern, override.limit, override.duration) == (
        "a*",
        0,
        timedelta(seconds=1),
    )
    assert (row.event, row.target_id) == ("override.set", "rlns_1")
    assert store.forgotten == [("ws_1", NAMESPACES["sms"], name)]


def test_an_override_is_told_by_its_very_pattern() -> None:
    """Not by an identifier that it is for."""
    told = get(Store(), call("ratelimit.*.read_override"), "sms")
    assert (told.override_id, told.identifier, told.limit, told.duration) == (
        "rlor_1",
        "a*",
        1,
        60_000,
    )
    run = ratelimit_get_override.operation(Store().rooms).run
    with pytest.raises(Fault, match="override_not_found"):
        run(call(), GetOverrideRequest(namespace="sms", identifier="ab"))


def test_overrides_are_listed_page_by_page() -> None:
    """To the last."""
    first = list_(Store(), call("ratelimit.*.read_override"), "sms")
    assert [each.identifier for each in first.items] == ["*", "a*"]
    run = ratelimit_list_overrides.operation(Store().rooms).run
    second = run(call(), ListOverridesRequest(namespace="sms", cursor=first.cursor))
    assert ([each.identifier for each in second.items], second.cursor) == (["b"], None)


def test_an_override_is_deleted() -> None:
    """With an audit row; the caches are told."""
    store = Store()
    delete(store, call("ratelimit.*.delete_override"), "sms")
    [(namespace_id, override, row)] = store.done
    assert (namespace_id, override.id, row.event) == ("rlns_1", "rlor_1", "override.delete")
    assert store.forgotten == [("ws_1", NAMESPACES["sms"], "sms")]


@pytest.mark.parametrize("run", [set_, get, list_, delete])
@pytest.mark.parametrize(
    ("held", "workspace", "namespace", "kind"),
    [
        (["ratelimit.*.limit"], "ws_1", "sms", Kind.FORBIDDEN),
        (["ratelimit.rlns_2.*"], "ws_1", "sms", Kind.FORBIDDEN),
        ([], "ws_2", "sms", Kind.NOT_FOUND),
        ([], "ws_1", "other", Kind.NOT_FOUND),
        ([], "ws_1", "gone", Kind.NOT_FOUND),
    ],
)
def test_otherwise_nothing_is_done(
    run: Callable[..., Any], held: list[str], workspace: str, namespace: str, kind: Kind
) -> None:
    """Nor told."""
    store = Store()
    with pytest.raises(Fault) as refused:
        run(store, call(*held, workspace_id=workspace), namespace)
    assert refused.value.kind is kind
    assert store.done == []
