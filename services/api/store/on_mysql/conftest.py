"""The store, in a part of a shared MySQL, for tests."""

from collections.abc import Callable

import pytest

from pkg.clock import FakeClock
from pkg.db import Database
from pkg.dockertest.mysql import MySQL
from pkg.testutil.containers import Containers
from services.api.domain.stored import Change
from services.api.store.on_mysql import Store
from services.api.store.roles import insert_role
from services.api.store.schema import SCHEMA
from services.api.testutil.store import (
    WORKSPACE,
    with_api,
    write,
)


@pytest.fixture
def db(containers: Containers, clock: FakeClock) -> Database:
    """The database with a workspace, an API and a role of nothing."""
    made = with_api(containers.start(MySQL(schema=SCHEMA)), clock.now())
    write(made, insert_role, WORKSPACE, "role_1", "admin", clock.now())
    return made


@pytest.fixture
def store(db: Database, clock: FakeClock) -> Store:
    """The store on it."""
    return Store(db, clock=clock)


@pytest.fixture
def told(clock: FakeClock) -> Callable[[str], Change]:
    """Makes audit rows by their ids."""
    return lambda name: Change(
        name, WORKSPACE, "root_1", "some.change", "thing", clock.now(), "req_1"
    )
