"""All tests of a file here have one instance: each makes a workspace of its own in it."""

import pytest

from services.api.integration.routes.room import Room
from services.api.testutil.analytics import AnalyticsHarness

h = AnalyticsHarness.fixture("module")


@pytest.fixture
def room(h: AnalyticsHarness) -> Room:
    """This test's own workspace, and what is in it."""
    return Room(h)


@pytest.fixture
def key(room: Room) -> str:
    """The text of a root key of it that may do everything."""
    return room.root_key()
