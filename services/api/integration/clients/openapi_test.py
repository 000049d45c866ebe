"""The service does what its OpenAPI document says, on real servers.

Whoever asks: with a root key that may do everything, with one that may do nothing, and with none.
Operations that follow one another, such as those on a key that was made, are tried as well.
"""

import os
from pathlib import Path

import pytest

from pkg.serving import documented
from services.api.testutil.analytics import AnalyticsHarness
from services.api.wire import ROUTES

# What has the right form can be refused nevertheless: a name that is taken, a query that is none, a
# refill of what is unlimited; and JSON Schema takes 1.0 for an integer, the service not.
CONFIG = """
[checks]
positive_data_acceptance.enabled = false
"""
SECONDS = int(os.environ.get("SECONDS", "30"))

h = AnalyticsHarness.fixture()


def headers(h: AnalyticsHarness, may: str) -> dict[str, str]:
    """What a caller sends."""
    workspace_id = h.create_workspace().id
    match may:
        case "everything":
            return {"Authorization": f"Bearer {h.create_root_key(workspace_id)}"}
        case "nothing":
            return {"Authorization": f"Bearer {h.create_root_key(workspace_id, 'none.*.none')}"}
    return {}


@pytest.mark.parametrize("may", ["everything", "nothing", "not even ask"])
def test_every_answer_is_documented(h: AnalyticsHarness, tmp_path: Path, may: str) -> None:
    """None is a server error, and what breaks the schema is refused."""
    seconds = SECONDS if may == "everything" else SECONDS // 2
    found = documented.check(
        h.served.url, tmp_path, seconds=seconds, headers=headers(h, may), config=CONFIG
    )
    assert found.ok, found.report
    assert f"{len(ROUTES)} selected / {len(ROUTES)} total" in found.report
    assert not h.logs.of("fault")
