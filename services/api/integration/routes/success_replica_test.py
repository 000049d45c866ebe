"""What was just made can be changed, however far behind the replica is that takes the reads."""

from contextlib import closing

import pytest

from pkg.clock import SystemClock
from pkg.db import Config, Database
from pkg.db.given import server_of
from pkg.dockertest.mysql import MySQL
from pkg.testutil.harness import needs
from services.api.integration.routes.cases import CHANGING, Case
from services.api.integration.routes.room import Room
from services.api.store.schema import SCHEMA
from services.api.testutil.analytics import AnalyticsHarness
from services.api.testutil.calling import call
from services.api.wire.permissions import LIST_PERMISSIONS, ListPermissionsRequest


class Behind(AnalyticsHarness):
    """Beside the instance, another one, whose replica has got nothing yet."""

    replica = needs(MySQL(schema=SCHEMA))

    def open(self) -> None:
        """Starts serving."""
        super().open()
        config = Config(primary=server_of(self.mysql), replica=server_of(self.replica))
        own, self.db = self.db, self.enter(closing(Database(config, clock=SystemClock())))
        self.behind = self.another()
        self.db = own


h = Behind.fixture("module")


@pytest.mark.parametrize("case", CHANGING, ids=str)
def test_a_change_is_made_of_what_there_is(h: Behind, room: Room, case: Case) -> None:
    """Not of what the replica has."""
    key, body = room.root_key(), case.body(room)
    # The root key comes from the caches then, which know it by the other instance.
    assert h.call(LIST_PERMISSIONS, ListPermissionsRequest(), key).status == 200
    done = call(h.behind.http, case.route, body, key)
    assert done.status == 200, done.content
