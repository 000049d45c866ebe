"""Verifications, for tests."""

from typing import Any

from services.api.events import Verified

# 2026-01-01T00:00:00Z
NEW_YEAR = 1_767_225_600_000
MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR


def verified(number: int, **changes: Any) -> Verified:
    """One of ws_1, a minute after the one before it; each fifth one is over its limit."""
    known: dict[str, Any] = {
        "id": f"ver_{number:06}",
        "time": NEW_YEAR + number * MINUTE,
        "request_id": f"req_{number}",
        "workspace_id": "ws_1",
        "api_id": f"api_{number % 2}",
        "keyspace_id": f"ks_{number % 2}",
        "key_id": f"key_{number % 3}",
        "external_id": "user_1" if number % 3 else "",
        "outcome": "VALID" if number % 5 else "RATE_LIMITED",
        "cost": 1 if number % 5 else 0,
        "tags": ("path=/ä", "plan=free") if number % 2 else (),
    }
    return Verified(**{**known, **changes})
