"""The schema is what the code takes it for, and has an index for what is asked often."""

import pytest
from sqlalchemy import Connection, inspect, text

from pkg.clock import FakeClock
from pkg.db import Database, migrate
from pkg.dockertest.mysql import MySQL
from pkg.testutil.containers import Containers
from services.api.domain import secret
from services.api.domain.credits import Credits
from services.api.domain.key import Identity
from services.api.store import keys_reading, keys_writing
from services.api.store.identities import ensure_identity
from services.api.store.schema import SCHEMA
from services.api.store.tables import METADATA
from services.api.testutil.store import (
    API,
    WORKSPACE,
    a_key,
    database,
    insert_key,
    with_api,
)

KEYS = 300


@pytest.fixture
def db(containers: Containers, clock: FakeClock) -> Database:
    """The store with a workspace and an API."""
    return with_api(containers.start(MySQL(schema=SCHEMA)), clock.now())


def test_the_tables_are_those_of_the_schema(db: Database) -> None:
    """Column by column: names, what may be absent, and how much fits."""

    def described(connection: Connection) -> None:
        found = inspect(connection)
        assert set(found.get_table_names()) == set(METADATA.tables)
        for name, table in METADATA.tables.items():
            columns = found.get_columns(name)
            assert [(one["name"], one["nullable"]) for one in columns] == [
                (one.name, bool(one.nullable)) for one in table.columns
            ]
            for one, ours in zip(columns, table.columns, strict=True):
                length = getattr(ours.type, "length", None)
                if length is not None:
                    assert getattr(one["type"], "length", None) == length, f"{name}.{ours.name}"
            assert found.get_pk_constraint(name)["constrained_columns"] == [
                one.name for one in table.primary_key.columns
            ]

    db.read(described)


def test_the_service_can_migrate_by_itself(containers: Containers) -> None:
    """To the same tables, from nothing, once."""
    with database(containers.start(MySQL())) as db:
        applied = migrate(db, SCHEMA)
        assert len(applied) == len(METADATA.tables)
        assert migrate(db, SCHEMA) == []
        with db.read() as connection:
            assert set(inspect(connection).get_table_names()) == {*METADATA.tables, "migrations"}


def test_text_is_compared_byte_by_byte(db: Database) -> None:
    """In every column: no collation takes one name for another."""
    with db.read() as connection:
        found = connection.execute(
            text(
                "SELECT DISTINCT COLLATION_NAME FROM information_schema.COLUMNS"
                " WHERE TABLE_SCHEMA = DATABASE() AND COLLATION_NAME IS NOT NULL"
            )
        )
        assert set(found.scalars()) == {"ascii_bin", "utf8mb4_0900_bin"}


def test_what_is_asked_often_reads_no_table_whole(db: Database, clock: FakeClock) -> None:
    """By MySQL's own plan, where there are many keys."""
    now = clock.now()

    def fill(connection: Connection) -> None:
        for number in range(KEYS):
            name = f"user_{number}"
            owner = ensure_identity(connection, WORKSPACE, name, f"id_{number}", now)
            key = a_key(now, identity=Identity(owner, name), credits=Credits(1, None, now))
            insert_key(connection, key, secret.digest(key.id))

    db.transaction(fill)
    asked = {
        "by digest": keys_reading.by_digest(secret.digest("a")),
        "by id": keys_reading.by_id("ws_1", "key_1"),
        "a page": keys_reading.page(API.id, "key_1", None).limit(100),
        "of an identity": keys_reading.page(API.id, "", "user_1").limit(100),
    }
    with db.read() as connection:
        connection.execute(text("ANALYZE TABLE " + ", ".join(METADATA.tables)))
        for name, query in asked.items():
            compiled = query.compile(dialect=connection.dialect)
            values = tuple(compiled.params[one] for one in compiled.positiontup or ())
            plan = connection.exec_driver_sql(f"EXPLAIN FORMAT=TRADITIONAL {compiled}", values)
            whole = [row.table for row in plan if row.type in ("ALL", "index")]
            assert not whole, name
        touched = text(f"EXPLAIN FORMAT=TRADITIONAL {keys_writing.TOUCH.text}")
        plan = connection.execute(touched, {"used": '[["key_000001", 1], ["key_000002", 1]]'})
        assert [row.type for row in plan if row.table == "api_keys"] == ["eq_ref"]
