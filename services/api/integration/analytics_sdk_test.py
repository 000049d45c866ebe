"""analytics.getVerifications, by the SDK, on the whole service."""

from collections.abc import Sequence
from typing import Any

import pytest
from unkey.py import Unkey, errors

from services.api.testutil.analytics import AnalyticsHarness

h = AnalyticsHarness.fixture()
RAW = "key_verifications_v1"


def ask(sdk: Unkey, query: str) -> list[dict[str, Any]]:
    """The rows of a query."""
    return list(sdk.analytics.get_verifications(query=query).data)


def verified(sdk: Unkey, times: int = 1, **asked: Any) -> tuple[str, str]:
    """Verifies a key of an API of its own; returns the ids of both."""
    api_id = sdk.apis.create_api(name=f"payments {times}").data.api_id
    key: Any = sdk.keys.create_key(api_id=api_id, **asked).data
    for _ in range(times):
        sdk.keys.verify_key(key=key.key, tags=["path=/a"])
    return api_id, key.key_id


def test_what_was_verified_is_told(h: AnalyticsHarness) -> None:
    """By the SDK's own example, and by rows with all that was verified."""
    sdk = h.sdk()
    api_id, key_id = verified(sdk, 3, credits={"remaining": 2}, external_id="user_1")
    h.consume()
    h.consume()
    rows = ask(sdk, f"SELECT * FROM {RAW} ORDER BY time")
    expected = {
        "api_id": api_id,
        "key_id": key_id,
        "external_id": "user_1",
        "tags": ["path=/a"],
    }
    assert [{name: each[name] for name in expected} for each in rows] == [expected] * 3
    told = sorted((each["outcome"], each["spent_credits"]) for each in rows)
    assert told == [("USAGE_EXCEEDED", 0), ("VALID", 1), ("VALID", 1)]


def test_the_sdks_example_means_what_it_says(h: AnalyticsHarness) -> None:
    """The last week's, though times are milliseconds."""
    sdk = h.sdk()
    verified(sdk, 2)
    h.consume()
    example = (
        f"SELECT COUNT(*) as total FROM {RAW} "
        "WHERE outcome = 'VALID' AND time >= now() - INTERVAL {} DAY"
    )
    # The instance lives by the test's clock, ClickHouse by the machine's.
    assert ask(sdk, example.format(100 * 365)) == [{"total": 2}]
    assert ask(sdk, example.replace(">=", "<").format(100 * 365)) == [{"total": 0}]


def test_times_are_told_as_json_has_them(h: AnalyticsHarness) -> None:
    """Milliseconds as they are, moments in UTC, dates."""
    sdk = h.sdk()
    verified(sdk)
    h.consume()
    now = h.clock.now()
    [raw] = ask(sdk, f"SELECT time FROM {RAW}")
    assert raw["time"] == int(now.timestamp() * 1000)
    [hour] = ask(sdk, "SELECT time, count FROM key_verifications_per_hour_v1")
    assert hour == {"time": f"{now:%Y-%m-%dT%H}:00:00Z", "count": 1}
    [day] = ask(sdk, "SELECT time, count FROM key_verifications_per_day_v1")
    assert day == {"time": f"{now:%Y-%m-%d}", "count": 1}


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("DROP TABLE verifications_v1", "DROP begins the query"),
        (f"SELECT 1 FROM {RAW} INTERSECT SELECT 1 FROM {RAW}", "INTERSECT is not taken"),
        (f"SELECT row_number() OVER () FROM {RAW}", "OVER is not taken"),
        ("SELECT * FROM system.tables", "the name of a database"),
        (f"SELECT file('/etc/passwd') FROM {RAW}", "the function file is not taken"),
        (f"SELECT key_id + 1 FROM {RAW}", "ClickHouse does not take it"),
        ("", "of length >= 1"),
    ],
)
def test_a_bad_query_is_a_bad_request(h: AnalyticsHarness, query: str, words: str) -> None:
    """With what is wrong, and what is taken."""
    with pytest.raises(errors.BadRequestErrorResponse) as refused:
        ask(h.sdk(), query)
    error: Any = refused.value.data.error
    assert words in error.detail
    assert [each.location for each in error.errors] == ["body.query"]


def test_a_query_that_takes_too_much_is_refused(h: AnalyticsHarness) -> None:
    """Not as a fault of ours."""
    sdk = h.sdk()
    verified(sdk)
    h.consume()
    rows = f"SELECT arrayJoin([{', '.join(map(str, range(100)))}]) AS n FROM {RAW}"
    many = f"SELECT n, arrayJoin([{', '.join(map(str, range(500)))}]) AS m FROM ({rows})"
    with pytest.raises(errors.UnprocessableEntityErrorResponse) as refused:
        ask(sdk, many)
    assert "takes too much" in refused.value.data.error.detail


def test_tables_are_put_together(h: AnalyticsHarness) -> None:
    """One below the other, and side by side."""
    sdk = h.sdk()
    _, key_id = verified(sdk, 3, credits={"remaining": 2})
    h.consume()
    outcomes = f"SELECT outcome, count() AS n FROM {RAW} GROUP BY outcome"
    total = f"SELECT 'ALL', count() FROM {RAW}"
    rows = ask(sdk, f"SELECT * FROM ({outcomes} UNION ALL {total}) ORDER BY n")
    assert [tuple(each.values()) for each in rows] == [
        ("USAGE_EXCEEDED", 1),
        ("VALID", 2),
        ("ALL", 3),
    ]
    [joined] = ask(
        sdk,
        f"SELECT r.key_id, count() AS n, max(d.count) AS day FROM {RAW} AS r "
        "JOIN key_verifications_per_day_v1 AS d ON r.key_id = d.key_id AND r.outcome = d.outcome "
        "WHERE r.outcome = 'VALID' GROUP BY r.key_id",
    )
    assert joined == {"key_id": key_id, "n": 2, "day": 2}


def test_who_is_not_known_asks_nothing(h: AnalyticsHarness) -> None:
    """A root key that there is none of."""
    with pytest.raises(errors.UnauthorizedErrorResponse):
        ask(h.sdk("root_unknown"), f"SELECT 1 FROM {RAW}")


def test_who_may_not_read_analytics_is_refused(h: AnalyticsHarness) -> None:
    """With the permission that is missing; reading keys is another one."""
    sdk = h.sdk(h.create_root_key(h.create_workspace().id, "api.*.read_key", "api.*.verify_key"))
    with pytest.raises(errors.ForbiddenErrorResponse) as refused:
        ask(sdk, f"SELECT 1 FROM {RAW}")
    assert "api.*.read_analytics" in refused.value.data.error.detail


def test_a_root_key_reads_the_apis_that_it_may(h: AnalyticsHarness) -> None:
    """And no others of its workspace."""
    workspace = h.create_workspace().id
    everything = h.sdk(h.create_root_key(workspace))
    one, other = (verified(everything, times)[0] for times in (2, 3))
    h.consume()

    def seen(*permissions: str) -> Sequence[tuple[str, int]]:
        rows = ask(
            h.sdk(h.create_root_key(workspace, *permissions)),
            f"SELECT api_id, count() AS n FROM {RAW} GROUP BY api_id ORDER BY n",
        )
        return [(each["api_id"], each["n"]) for each in rows]

    assert seen("api.*.read_analytics") == [(one, 2), (other, 3)]
    assert seen(f"api.{other}.read_analytics") == [(other, 3)]
    assert seen("api.api_unknown.read_analytics") == []


@pytest.mark.parametrize(
    "where",
    [
        "1 = 1",
        "workspace_id = '{theirs}'",
        "workspace_id != 'x' OR 1 = 1",
        "key_id = ''' OR 1 = 1 --'",
        "key_id = '\\\\'' OR 1 = 1 /*'",
        f"key_id IN (SELECT key_id FROM {RAW} WHERE workspace_id = '{{theirs}}')",
        f"1 = 1 UNION ALL SELECT * FROM {RAW} WHERE workspace_id = '{{theirs}}'",
        f"1 = 0 EXCEPT SELECT * FROM {RAW} WHERE workspace_id != '{{theirs}}'",
    ],
)
def test_another_workspaces_verifications_are_not_there(h: AnalyticsHarness, where: str) -> None:
    """Whatever the query says."""
    mine, theirs = h.create_workspace().id, h.create_workspace().id
    _, key_id = verified(h.sdk(h.create_root_key(theirs)))
    h.consume()
    sdk = h.sdk(h.create_root_key(mine))
    for query in (
        f"SELECT * FROM {RAW} WHERE {where}",
        f"SELECT '{{theirs}}' AS workspace_id, groupArray(key_id) AS k FROM {RAW} WHERE {where}",
    ):
        try:
            told = str(ask(sdk, query.format(theirs=theirs)))
        except errors.BadRequestErrorResponse as refused:
            told = str(refused.data)
        assert key_id not in told
