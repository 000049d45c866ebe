"""The limits that count are those that are asked for and those that always do, each once."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from pkg.ratelimit import Decision
from services.api.domain import examples
from services.api.domain.examples import HOUR, KEYS, NAMES, NOW, limit, steady
from services.api.domain.faults import InvalidRequest
from services.api.domain.key import Identity, Key
from services.api.domain.ratelimits import Wanted, counted, plan

WANTED = st.lists(
    st.builds(
        Wanted,
        NAMES,
        st.integers(0, 5),
        st.none() | st.integers(0, 50),
        st.none() | examples.DURATIONS,
    ),
    max_size=3,
    unique_by=lambda each: each.name,
)


def test_a_stored_limit_counts_as_it_is() -> None:
    """By its id, shared by nobody else, at a cost of one."""
    [found] = plan(examples.key(ratelimits=(limit(auto_apply=True),)), [])
    assert (found.id, found.name, found.limit, found.cost) == ("rl_requests", "requests", 10, 1)
    assert found.counter == "key_1/requests/3600000"
    assert found.auto_apply


def test_a_limit_counts_where_it_is_asked_for() -> None:
    """One that is not applied by itself does not count otherwise."""
    key = examples.key(ratelimits=(limit(), limit("tokens")))
    assert plan(key, []) == ()
    [found] = plan(key, [Wanted("tokens", cost=3)])
    assert (found.name, found.cost) == ("tokens", 3)


def test_a_request_overrides_limit_and_duration() -> None:
    """Either, or both; with another duration, what was used is counted apart."""
    key = examples.key(ratelimits=(limit(),))
    [found] = plan(key, [Wanted("requests", limit=0)])
    assert (found.limit, found.duration) == (0, HOUR)
    [found] = plan(key, [Wanted("requests", duration=timedelta(seconds=1))])
    assert (found.limit, found.counter) == (10, "key_1/requests/1000")


def test_a_limit_may_be_the_requests_own() -> None:
    """Then it has no id."""
    [found] = plan(examples.key(), [Wanted("other", 1, 5, HOUR)])
    assert (found.id, found.limit, found.counter) == ("", 5, "key_1/other/3600000")


def test_an_identitys_limit_is_shared_by_its_keys() -> None:
    """And hidden by the key's own of that name."""
    identity = Identity("id_1", "user", ratelimits=(limit(auto_apply=True, units=7),))
    one, other = examples.key(identity=identity), examples.key(id="key_2", identity=identity)
    assert plan(one, []) == plan(other, [])
    assert plan(one, [])[0].counter == "id_1/requests/3600000"
    own = replace(one, ratelimits=(limit(),))
    assert plan(own, []) == ()
    assert plan(own, [Wanted("requests")])[0].counter == "key_1/requests/3600000"


@pytest.mark.parametrize(
    ("wanted", "at"),
    [
        ([Wanted("other")], 0),
        ([Wanted("requests"), Wanted("other", limit=5)], 1),
        ([Wanted("requests"), Wanted("other", duration=HOUR)], 1),
        ([Wanted("requests"), Wanted("requests", 2)], 1),
    ],
)
def test_what_cannot_be_counted_is_refused(wanted: list[Wanted], at: int) -> None:
    """A name that nobody knows, and one that was there before: the message says which."""
    with pytest.raises(InvalidRequest) as refused:
        plan(examples.key(ratelimits=(limit(),)), wanted)
    assert [each.location for each in refused.value.fields] == [f"body.ratelimits[{at}].name"]


@steady
@given(KEYS, WANTED)
def test_each_limit_counts_once(key: Key, wanted: list[Wanted]) -> None:
    """Exactly those asked for, and those that always count."""
    identity = key.identity.ratelimits if key.identity else ()
    stored = {each.name: each for each in (*identity, *key.ratelimits)}
    assume(all(w.name in stored or (w.limit is not None and w.duration) for w in wanted))
    planned = plan(key, wanted)
    assert len({each.counter for each in planned}) == len(planned)
    assert {each.name for each in planned} == {each.name for each in wanted} | {
        name for name, each in stored.items() if each.auto_apply
    }
    for each in planned:
        if each.name not in {w.name for w in wanted}:
            assert (each.cost, each.limit) == (1, stored[each.name].limit)


def test_a_limit_says_when_it_is_whole_again() -> None:
    """Or, if it was exceeded, when it is worth to ask again."""
    [planned] = plan(examples.key(ratelimits=(limit(auto_apply=True),)), [])
    passed = counted(planned, Decision(True, 9, timedelta()), NOW)
    assert (passed.exceeded, passed.remaining, passed.reset) == (False, 9, NOW + HOUR)
    refused = counted(planned, Decision(False, 0, timedelta(minutes=5)), NOW)
    assert (refused.exceeded, refused.reset) == (True, NOW + timedelta(minutes=5))
