"""MySQL among the shared containers."""

import os
from contextlib import closing

import pytest

from pkg.dockertest import InvalidOption
from pkg.dockertest.mysql import MySQL
from pkg.testutil.containers import Containers


def test_tests_that_ask_for_the_same_database_have_two(containers: Containers) -> None:
    """Each has one of its own, of another name."""
    one, other = containers.start(MySQL(database="shop"), MySQL(database="shop"))
    assert one.container.name == other.container.name
    for server in (one, other):
        with closing(server.client()) as connection, connection.cursor() as cursor:
            cursor.execute(f"CREATE TABLE {server.name('visits')} (x INT)")
            cursor.execute("SELECT DATABASE()")
            assert cursor.fetchall() == ((server.database,),)


def test_flags_of_a_shared_mysql_are_refused(containers: Containers) -> None:
    """They would change the server under other tests; the message says what to do instead."""
    with pytest.raises(InvalidOption, match=r"take one .*: dockertest\.start\(MySQL\(fl"):
        containers.start(MySQL(flags=["--log-bin"]))


def test_the_end_of_a_forked_child_leaves_the_servers_connection(containers: Containers) -> None:
    """It would say good-bye over it, in its parent's name."""
    containers.start(MySQL())
    if not (child := os.fork()):
        os._exit(0)
    assert os.waitpid(child, 0) == (child, 0)
    containers.start(MySQL())
