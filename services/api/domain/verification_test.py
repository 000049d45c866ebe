"""A key is valid if nothing speaks against it; of several reasons, the first in order is told."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pkg.fault import Fault, Kind
from pkg.ratelimit import Decision
from pkg.rbac import parse
from services.api.domain import examples
from services.api.domain.credits import Credits
from services.api.domain.examples import HOUR, KEYS, NOW, limit, steady
from services.api.domain.key import Key
from services.api.domain.ratelimits import Wanted, counted
from services.api.domain.verification import (
    Asked,
    Caller,
    Code,
    Plan,
    after_credits,
    after_limits,
    check,
    require_anywhere,
)

CALLER = Caller("ws_1", frozenset({"api.*.verify_key"}))
ORDER = list(Code)


def test_a_key_without_more_is_valid_for_nothing_to_spend() -> None:
    """Neither limits nor credits."""
    assert check(examples.key(), CALLER, Asked(), NOW) == Plan((), None)


def test_a_key_with_more_has_a_plan() -> None:
    """Its limits, and what it costs."""
    key = examples.key(ratelimits=(limit(auto_apply=True),), credits=Credits(1, None, NOW))
    plan = check(key, CALLER, Asked(cost=3), NOW)
    assert isinstance(plan, Plan)
    assert ([each.name for each in plan.limits], plan.cost) == (["requests"], 3)


@pytest.mark.parametrize(
    ("change", "asked", "code"),
    [
        ({"workspace_id": "ws_2"}, Asked(), Code.NOT_FOUND),
        ({}, Asked(keyspaces=["ks_2"]), Code.NOT_FOUND),
        ({}, Asked(keyspaces=[]), Code.NOT_FOUND),
        ({"enabled": False}, Asked(), Code.DISABLED),
        ({"expires_at": NOW}, Asked(), Code.EXPIRED),
        ({}, Asked(parse("a.read")), Code.INSUFFICIENT_PERMISSIONS),
        (
            {"permissions": frozenset({"a.write"})},
            Asked(parse("a.read or b")),
            Code.INSUFFICIENT_PERMISSIONS,
        ),
    ],
)
def test_what_speaks_against_a_key(change: dict[str, object], asked: Asked, code: Code) -> None:
    """Each by itself."""
    assert check(examples.key(**change), CALLER, asked, NOW) is code


@pytest.mark.parametrize(
    ("change", "asked"),
    [
        ({}, Asked(keyspaces=["ks_2", "ks_1"])),
        ({"expires_at": NOW + timedelta(microseconds=1)}, Asked()),
        ({"permissions": frozenset({"a.*"})}, Asked(parse("a.read and a.write"))),
    ],
)
def test_what_does_not_speak_against_a_key(change: dict[str, object], asked: Asked) -> None:
    """Up to the edge."""
    assert check(examples.key(**change), CALLER, asked, NOW) == Plan((), None)


def test_a_key_that_the_caller_may_not_verify_is_not_found() -> None:
    """As if there were none: it is not told that there is."""
    caller = Caller("ws_1", frozenset({"api.api_2.verify_key", "api.*.read_key"}))
    assert check(examples.key(), caller, Asked(), NOW) is Code.NOT_FOUND
    assert check(None, caller, Asked(), NOW) is Code.NOT_FOUND
    require_anywhere(caller)


def test_who_may_verify_nothing_is_told() -> None:
    """Whatever the key."""
    with pytest.raises(Fault) as refused:
        require_anywhere(Caller("ws_1", frozenset({"api.*.read_key"})))
    assert refused.value.kind is Kind.FORBIDDEN
    assert "api.*.verify_key" in refused.value.public


@steady
@given(KEYS, st.sampled_from([None, "a.read", "b", "c"]), st.sampled_from([None, ["ks_1"]]))
def test_the_first_reason_is_told(key: Key, query: str | None, keyspaces: list[str] | None) -> None:
    """Mending it never leads to a reason that comes earlier."""
    asked = Asked(permissions=parse(query) if query else None, keyspaces=keyspaces)
    mended = {
        Code.NOT_FOUND: {"workspace_id": "ws_1", "keyspace_id": "ks_1"},
        Code.DISABLED: {"enabled": True},
        Code.EXPIRED: {"expires_at": NOW + HOUR},
        Code.INSUFFICIENT_PERMISSIONS: {"permissions": frozenset({"a.read", "b", "c"})},
    }
    found, seen = check(key, CALLER, asked, NOW), []
    while isinstance(found, Code):
        seen.append(ORDER.index(found))
        key = replace(key, **mended[found])  # type: ignore[arg-type]
        found = check(key, CALLER, asked, NOW)
    assert seen == sorted(set(seen))


def test_limits_come_before_credits() -> None:
    """Who is limited has spent no credits; one limit of several is enough."""
    key = examples.key(ratelimits=(limit(auto_apply=True), limit("tokens")))
    plan = check(key, CALLER, Asked(ratelimits=[Wanted("tokens")]), NOW)
    assert isinstance(plan, Plan)
    passed, refused = Decision(True, 1, timedelta()), Decision(False, 0, HOUR)
    for decisions, code in [
        ([passed, passed], None),
        ([passed, refused], Code.RATE_LIMITED),
        ([refused, passed], Code.RATE_LIMITED),
    ]:
        counts = [counted(p, d, NOW) for p, d in zip(plan.limits, decisions, strict=True)]
        assert after_limits(counts) is code
    assert after_credits(spent=True) is Code.VALID
    assert after_credits(spent=False) is Code.USAGE_EXCEEDED
