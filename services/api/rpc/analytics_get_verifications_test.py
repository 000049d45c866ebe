"""Who may read analytics gets answers about their own; the others learn what is wrong."""

from collections.abc import Callable
from typing import Any

import pytest

from pkg.fault import Fault, Kind
from services.api.analytics.guard import NotTaken
from services.api.analytics.verifications import Busy, NotUnderstood, TooMuch
from services.api.domain.faults import InvalidRequest
from services.api.rpc import analytics_get_verifications
from services.api.testutil.ports import port
from services.api.testutil.serving import call
from services.api.wire.analytics import GetVerificationsRequest

ASKED = GetVerificationsRequest(query="SELECT 1")


def run(held: tuple[str, ...] = (), query: Callable[..., Any] = lambda *asked: [asked]) -> Any:
    """What a query is answered; unless told otherwise, with what was asked."""
    return analytics_get_verifications.operation(port(query=query)).run(call(*held), ASKED)


@pytest.mark.parametrize(
    ("held", "apis"),
    [
        ((), None),
        (("api.*.read_analytics",), None),
        (("api.api_1.read_analytics", "api.api_2.read_analytics"), {"api_1", "api_2"}),
        (("api.api_1.read_analytics", "api.api_2.read_key"), {"api_1"}),
    ],
)
def test_one_reads_what_one_may(held: tuple[str, ...], apis: set[str] | None) -> None:
    """In one's own workspace: all APIs, or those that permissions name."""
    assert run(held) == [("SELECT 1", "ws_1", apis)]


@pytest.mark.parametrize("held", ["api.*.read_key", "ratelimit.*.read_analytics"])
def test_who_may_not_is_refused(held: str) -> None:
    """Whatever is asked, also by an instance that has no analytics."""
    for verifications in (port(), None):
        operation = analytics_get_verifications.operation(verifications)
        with pytest.raises(Fault, match="insufficient_permissions") as refused:
            operation.run(call(held), ASKED)
        assert "api.*.read_analytics" in refused.value.public


def test_without_clickhouse_it_says_so() -> None:
    with pytest.raises(Fault, match="API_CLICKHOUSE_URL") as refused:
        analytics_get_verifications.operation(None).run(call(), ASKED)
    assert (refused.value.kind, refused.value.code) == (
        Kind.UNAVAILABLE,
        "analytics_not_configured",
    )
    assert "CLICKHOUSE" not in refused.value.public


@pytest.mark.parametrize(
    ("error", "kind", "words"),
    [
        (NotTaken("UNION is not taken", "ask one SELECT"), Kind.INVALID, "UNION is not taken"),
        (NotUnderstood("Illegal types (code 43)"), Kind.INVALID, "Illegal types"),
        (TooMuch("Limit for rows (code 158)"), Kind.REFUSED, "Limit for rows"),
        (Busy(), Kind.TOO_MANY, "try again"),
    ],
)
def test_what_is_wrong_is_told(error: Exception, kind: Kind, words: str) -> None:
    """A query that is refused names its part of the request, and what to do."""

    def query(*_: Any) -> Any:
        raise error

    with pytest.raises(Fault) as refused:
        run(query=query)
    assert refused.value.kind is kind
    assert words in refused.value.public
    if isinstance(refused.value, InvalidRequest):
        assert [each.location for each in refused.value.fields] == ["body.query"]
