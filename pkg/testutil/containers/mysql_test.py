"""MySQL among the shared containers."""

import secrets
from contextlib import closing

import pytest

from pkg.dockertest import InvalidOption
from pkg.dockertest.mysql import MySQL
from pkg.testutil.containers import Containers


def test_a_shared_mysql_has_the_database_that_was_asked_for(containers: Containers) -> None:
    """It is made if it is not there yet, and keeps what was written."""
    value = MySQL(database=f"t_{secrets.token_hex(8)}")
    one, other = containers.start(value), containers.start(value)
    assert one.container.name == other.container.name
    with closing(one.client()) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE t (x INT)")
        cursor.execute("INSERT INTO t VALUES (7)")
        cursor.execute("COMMIT")
    with closing(other.client()) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT x FROM t")
        assert cursor.fetchall() == ((7,),)
        cursor.execute(f"DROP DATABASE {one.database}")


def test_flags_of_a_shared_mysql_are_refused(containers: Containers) -> None:
    """They would change the server under other tests; the message says what to do instead."""
    with pytest.raises(InvalidOption, match=r"take one of your own: dockertest\.start\(MySQL\(fl"):
        containers.start(MySQL(flags=["--log-bin"]))
