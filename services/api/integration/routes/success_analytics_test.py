"""Questions about verifications are answered."""

from services.api.integration.routes.room import Room
from services.api.testutil.analytics import AnalyticsHarness
from services.api.wire.analytics import GET_VERIFICATIONS, GetVerificationsRequest


def test_get_verifications_tells_what_was_verified(
    h: AnalyticsHarness, room: Room, key: str
) -> None:
    """Each verification as a row, by the names of the columns; nothing is changed."""
    told = [h.create_verification(room.key, outcome=outcome) for outcome in ("VALID", "DISABLED")]
    asked = "SELECT request_id, api_id, outcome AS o FROM key_verifications_v1 ORDER BY outcome"
    rows = h.call(GET_VERIFICATIONS, GetVerificationsRequest(query=asked), key).ok.data
    assert rows == [
        {"request_id": each.request_id, "api_id": room.api.id, "o": each.outcome}
        for each in reversed(told)
    ]
    assert room.untouched


def test_get_verifications_tells_nothing_of_another_api(h: AnalyticsHarness, room: Room) -> None:
    """Which the root key may not read, though it is of the same workspace."""
    other = h.create_key(h.create_api(room.id))
    for each in (room.verified, other):
        h.create_verification(each)
    asked = GetVerificationsRequest(query="SELECT DISTINCT key_id FROM key_verifications_v1")
    held = room.root_key(f"api.{other.key.api_id}.read_analytics")
    assert h.call(GET_VERIFICATIONS, asked, held).ok.data == [{"key_id": other.id}]
