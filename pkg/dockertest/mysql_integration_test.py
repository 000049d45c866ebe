"""What is particular to MySQL."""

import dataclasses
import time
from collections.abc import Sequence
from contextlib import closing
from typing import Any

import MySQLdb
import pytest

from pkg.dockertest import Scope, ServerDied
from pkg.dockertest.mysql import MySQL, MySQLServer
from pkg.testutil import eventually

LARGE = 8 << 20  # bytes


@pytest.fixture(scope="module")
def mysql(dockertest_module: Scope) -> MySQLServer:
    """A server for the tests that change nothing that another sees."""
    return dockertest_module.start(MySQL(database="shop"))


def query(server: MySQLServer, statement: str, values: Sequence[object] | None = None) -> Any:
    with closing(server.client()) as connection, connection.cursor() as cursor:
        cursor.execute("SET autocommit = 1")
        cursor.execute(statement, values)
        return cursor.fetchall()


def query_again(server: MySQLServer, statement: str) -> Any:
    """The answer, or None from a server that is not back yet."""
    try:
        return query(server, statement)
    except MySQLdb.OperationalError:
        return None


def test_the_database_is_there_and_chosen(mysql: MySQLServer) -> None:
    """client() is connected to it, as the user that may come from everywhere."""
    assert query(mysql, "SELECT DATABASE(), CURRENT_USER()") == (("shop", "test@%"),)


def test_the_version_is_nine_or_later(mysql: MySQLServer) -> None:
    """Older ones have another way to sign in."""
    assert int(query(mysql, "SELECT VERSION()")[0][0].partition(".")[0]) >= 9


def test_text_of_any_script_comes_back(mysql: MySQLServer) -> None:
    """The connection speaks utf8mb4."""
    query(mysql, "CREATE TABLE words (word VARCHAR(20))")
    query(mysql, "INSERT INTO words VALUES (%s)", ["żółw 🐢"])
    assert query(mysql, "SELECT word FROM words") == (("żółw 🐢",),)


def test_the_user_may_make_databases_and_users(mysql: MySQLServer) -> None:
    """And hand on what it may do."""
    query(mysql, "CREATE DATABASE other")
    query(mysql, "CREATE USER reader IDENTIFIED BY 'only for this test'")
    query(mysql, "GRANT SELECT ON other.* TO reader")
    reader = dataclasses.replace(
        mysql, user="reader", password="only for this test", database="other"
    )
    assert query(reader, "SELECT CURRENT_USER()") == (("reader@%",),)


def test_no_other_account_can_be_used(mysql: MySQLServer) -> None:
    """Every account but the result's is locked, root as well."""
    unlocked = query(mysql, "SELECT user, host FROM mysql.user WHERE account_locked = 'N'")
    assert [account for account in unlocked if account[0] != "reader"] == [("test", "%")]


@pytest.mark.parametrize("password", ["", "wrong"])
@pytest.mark.parametrize("user", ["test", "root"])
def test_a_wrong_password_is_refused(mysql: MySQLServer, user: str, password: str) -> None:
    """None and a wrong one."""
    wrong = dataclasses.replace(mysql, user=user, password=password)
    with pytest.raises(MySQLdb.OperationalError, match="Access denied"):
        wrong.client()


def test_it_also_speaks_tls(mysql: MySQLServer) -> None:
    """Clients that insist on it are served."""
    with closing(
        MySQLdb.connect(
            host=mysql.host,
            port=mysql.port,
            user=mysql.user,
            password=mysql.password,
            ssl_mode="REQUIRED",
        )
    ) as connection:
        cursor = connection.cursor()
        cursor.execute("SHOW STATUS LIKE 'Ssl_version'")
        assert cursor.fetchall()[0][1].startswith("TLS")


def test_a_large_value_fits(mysql: MySQLServer) -> None:
    """A value may take a tenth of the redo log, which is therefore not the smallest one."""
    query(mysql, "CREATE TABLE files (content LONGBLOB)")
    query(mysql, "INSERT INTO files VALUES (%s)", [b"x" * LARGE])
    assert query(mysql, "SELECT LENGTH(content) FROM files") == ((LARGE,),)


def test_what_was_committed_is_there_after_a_crash(dockertest: Scope) -> None:
    """kill() and restart() keep data and password, and leave no trace of what was not committed."""
    mysql = dockertest.start(MySQL())
    query(mysql, "CREATE TABLE t (x INT)")
    query(mysql, "INSERT INTO t VALUES (1)")
    with closing(mysql.client()) as connection:
        connection.cursor().execute("INSERT INTO t VALUES (2)")
        mysql.container.kill()
    mysql.container.restart()
    eventually(lambda: query_again(mysql, "SELECT x FROM t") == ((1,),))


def test_flags_win_over_our_own(dockertest: Scope) -> None:
    """The lean ones can be taken back, one by one; a value may have blanks."""
    mysql = dockertest.start(
        MySQL(flags=["--log-bin=binlog", "--performance_schema=ON", "--init-connect=SET @x = 1"])
    )
    assert query(mysql, "SELECT @@log_bin, @@performance_schema, @@init_connect") == (
        (1, 1, "SET @x = 1"),
    )


def test_a_wrong_flag_is_named_by_the_server_at_once(dockertest: Scope) -> None:
    """In its own words, not after the timeout."""
    began = time.monotonic()
    with pytest.raises(ServerDied, match="unknown variable 'no-such-flag=1'"):
        dockertest.start(MySQL(flags=["--no-such-flag=1"]))
    assert time.monotonic() - began < 25.0  # the time-out is 30


def test_the_password_is_in_no_file_and_on_no_command_line(mysql: MySQLServer) -> None:
    """The server has read it from a pipe."""
    everything = "cat /proc/[0-9]*/cmdline; find /tmp -type f -exec cat {} +"
    found = mysql.container.exec(["sh", "-c", everything])
    assert "mysqld" in found.stdout
    assert mysql.password not in found.stdout
