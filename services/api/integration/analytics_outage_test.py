"""An instance whose ClickHouse is away says so, and verifies keys all the same."""

from typing import Any

import pytest
from unkey.py import errors

from pkg.testutil import eventually
from services.api.testutil.analytics import AnalyticsHarness

h = AnalyticsHarness.fixture()


def test_an_outage_of_clickhouse_is_told(h: AnalyticsHarness) -> None:
    """And its end needs nobody: the next query is answered."""
    sdk = h.sdk()
    query = "SELECT count() AS n FROM key_verifications_v1"
    assert sdk.analytics.get_verifications(query=query).data == [{"n": 0}]
    h.clickhouse.container.kill()
    with pytest.raises(errors.ServiceUnavailableErrorResponse) as refused:
        sdk.analytics.get_verifications(query=query)
    assert refused.value.data.error.type == "urn:berth:api:analytics_unavailable"
    api_id = sdk.apis.create_api(name="payments").data.api_id
    key: Any = sdk.keys.create_key(api_id=api_id).data
    assert sdk.keys.verify_key(key=key.key).data.valid
    h.clickhouse.container.restart()
    eventually(lambda: sdk.analytics.get_verifications(query=query).data == [{"n": 0}], within=30)
