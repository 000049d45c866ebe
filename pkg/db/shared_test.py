"""The same on a tenant of the shared server: a database and a user of the test's own."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from pkg.db import AccessDenied, DuplicateKey, migrate, pending
from pkg.db.given import database, numbers, patient, with_rows
from pkg.dockertest.mysql import MySQL
from pkg.testutil.containers import Containers

ADD = text("UPDATE t SET n = n + 1 WHERE id = :id")


def test_a_tenant_has_reads_and_transactions(containers: Containers) -> None:
    """Deadlocks included: rows are locked in both orders by many."""
    again = text("INSERT INTO t VALUES (1, 1)")
    mysql = containers.start(MySQL())
    with with_rows(mysql, made=patient) as db, ThreadPoolExecutor(8) as pool:

        def work(first: int) -> None:
            def run(connection: Connection) -> None:
                connection.execute(ADD, {"id": first})
                connection.execute(ADD, {"id": 3 - first})

            db.transaction(run)

        list(pool.map(work, [1, 2] * 20))
        assert numbers(db) == [40, 40]
        with pytest.raises(DuplicateKey, match="PRIMARY"):
            db.transaction(lambda connection: connection.execute(again))


def test_a_tenant_is_migrated_alone(containers: Containers, tmp_path: Path) -> None:
    """The lock and the table are of its database, not of the server's."""
    (tmp_path / "0001_a.sql").write_text("CREATE TABLE a (id INT PRIMARY KEY)")
    one, other = containers.start(MySQL(), MySQL())
    with database(one) as mine, database(other) as theirs:
        assert migrate(mine, tmp_path) == ["0001_a.sql"]
        assert pending(theirs, tmp_path) == ["0001_a.sql"]
        assert migrate(theirs, tmp_path) == ["0001_a.sql"]


def test_another_tenants_rows_are_denied(containers: Containers) -> None:
    """By the server, as what it is."""
    one, other = containers.start(MySQL(), MySQL())
    with with_rows(one), database(other) as theirs, pytest.raises(AccessDenied):
        theirs.read(
            lambda connection: connection.execute(text(f"SELECT n FROM `{one.database}`.t")).all()
        )
