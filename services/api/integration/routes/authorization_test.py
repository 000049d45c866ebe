"""Every route does what it does for who has the rights that it needs, and for nobody else."""

import pytest

from services.api.domain.rights import Right
from services.api.integration.routes.cases import CASES, Case, Need
from services.api.integration.routes.room import Room, anywhere, every, on
from services.api.testutil.analytics import AnalyticsHarness
from services.api.wire.verification import VERIFY_KEY, VerifyKeyRequest

NEEDS = [(case, need) for case in CASES for need in case.needs]
RESTRICTED = [(case, need) for case, need in NEEDS if need.thing]


def name(of: Case | Need) -> str:
    """What a test's id says."""
    return str(of) if isinstance(of, Case) else of.right


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_rights_that_it_needs_are_enough(h: AnalyticsHarness, case: Case) -> None:
    """And no more than they; the answer is of the form that the route says."""
    room = Room(h)
    key = room.root_key(*(anywhere(need.right) for need in case.needs))
    assert h.call(case.route, case.body(room), key).ok.meta.request_id.startswith("req_")


@pytest.mark.parametrize("case", {str(case): case for case, _ in RESTRICTED}.values(), ids=str)
def test_rights_to_that_thing_alone_are_enough(h: AnalyticsHarness, case: Case) -> None:
    """Where they can be restricted to one."""
    room = Room(h)
    held = [on(need.right, need.thing(room) if need.thing else "*") for need in case.needs]
    answer = h.call(case.route, case.body(room), room.root_key(*held)).ok
    assert getattr(answer.data, "valid", True)  # keys.verifyKey tells it there


@pytest.mark.parametrize(("case", "need"), NEEDS, ids=name)
def test_all_rights_but_one_are_not_enough(h: AnalyticsHarness, case: Case, need: Need) -> None:
    """Whichever it is; nothing is done, and the answer names the right if it tells of it."""
    room = Room(h)
    refused = h.call(case.route, case.body(room), room.root_key(*every(need.right)))
    assert refused.status == need.lacking
    if refused.status == 403:
        assert refused.code == "insufficient_permissions"
        assert anywhere(need.right) in refused.error.detail
    assert room.untouched


@pytest.mark.parametrize(("case", "need"), RESTRICTED, ids=name)
def test_a_right_to_another_thing_is_not_enough(
    h: AnalyticsHarness, case: Case, need: Need
) -> None:
    """Also if it is the same workspace's."""
    room = Room(h)
    others = h.create_api(room.id).id, h.create_namespace(room.id).id
    held = [*every(need.right), *(on(need.right, other) for other in others)]
    refused = h.call(case.route, case.body(room), room.root_key(*held))
    assert refused.status == need.elsewhere
    assert room.untouched


def test_who_may_verify_other_keys_alone_finds_none(h: AnalyticsHarness) -> None:
    """It is told no more than of a text that is nobody's, and nothing is spent."""
    room = Room(h)
    key = room.root_key(on(Right.VERIFY_KEY, h.create_api(room.id).id))
    told = h.call(VERIFY_KEY, VerifyKeyRequest(key=room.key.text), key).ok.data
    assert (told.valid, told.code, told.key_id) == (False, "NOT_FOUND", None)
    stored = h.keys.find(room.id, room.key.id)
    assert stored is not None
    assert stored.credits == room.key.key.credits
