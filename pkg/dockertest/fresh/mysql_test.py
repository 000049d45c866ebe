"""MySQL does its worst by its own protocol, and the next server knows nothing of it."""

from contextlib import ExitStack, suppress
from functools import partial
from typing import Any

import MySQLdb
import pytest

from pkg.dockertest.fresh import mysql_variables, mysql_worst, stock, twice
from pkg.dockertest.mysql import MySQL, MySQLServer

# What a server does not let be done without them.
PERMISSIVE = (
    "--log-bin=binlog",
    "--secure-file-priv=",
    "--performance-schema=ON",
    "--innodb-directories=/tmp",
    "--symbolic-links=ON",
    "--local-infile=ON",
    "--event-scheduler=ON",
)
SCHEMAS = "information_schema", "mysql", "performance_schema"
# What moves by itself in a server, or is another one's name; the rest of each row counts.
VOLATILE_TABLES = {
    "INNODB_BUFFER_PAGE": "what happens to be in memory",
    "INNODB_BUFFER_PAGE_LRU": "what happens to be in memory",
    "INNODB_BUFFER_POOL_STATS": "what happens to be in memory",
    "INNODB_CACHED_INDEXES": "what happens to be in memory",
    "INNODB_SESSION_TEMP_TABLESPACES": "of the sessions that there are",
    "global_status": "counters",
    "session_status": "counters",
    "session_variables": "global_variables has them, and the rest is this session's",
    "log_status": "positions in the log",
    "processlist": "information_schema has it",
}
VOLATILE_COLUMNS = {
    "INNODB_METRICS": "COUNT MAX_COUNT MIN_COUNT AVG_COUNT COUNT_RESET MAX_COUNT_RESET "
    "MIN_COUNT_RESET AVG_COUNT_RESET TIME_ENABLED TIME_ELAPSED",
    "INNODB_TRX": "trx_id trx_started trx_mysql_thread_id trx_query trx_lock_memory_bytes "
    "trx_schedule_weight",
    "INNODB_TABLESPACES": "FILE_SIZE ALLOCATED_SIZE",
    "INNODB_TABLESTATS": "STATS_INITIALIZED NUM_ROWS CLUST_INDEX_SIZE OTHER_INDEX_SIZE REF_COUNT",
    "PARTITIONS": "TABLE_ROWS AVG_ROW_LENGTH DATA_LENGTH INDEX_LENGTH CREATE_TIME UPDATE_TIME",
    "PROCESSLIST": "ID HOST TIME STATE",
    "STATISTICS": "CARDINALITY",
    "TABLES": "TABLE_ROWS AVG_ROW_LENGTH DATA_LENGTH INDEX_LENGTH CREATE_TIME UPDATE_TIME",
    "user": "authentication_string password_last_changed",
    "variables_info": "SET_TIME",
}
VOLATILE_VARIABLES = {
    "hostname": "the container's",
    "server_uuid": "each server makes its own",
}
ASKED = (
    "SHOW CREATE USER root@localhost",
    "SHOW GRANTS",
    "SHOW OPEN TABLES",
    "SHOW REPLICAS",
    "XA RECOVER CONVERT XID",
)
# What has been done at all since the server's start.
COMMANDS = """
SELECT variable_name FROM performance_schema.global_status
WHERE variable_name LIKE 'Com\\_%' AND variable_value <> '0'
"""
ACCOUNTS = ("test", "left"), ("root", "left"), ("left_u", "left"), ("", "")


def worst(server: MySQLServer, left: ExitStack) -> twice.Uses:
    def connect() -> Any:
        connection = server.client()
        connection.autocommit(True)
        left.enter_context(suppress(MySQLdb.Error))
        left.callback(connection.close)
        assert mysql_worst.run(connection, [mysql_worst.PATIENCE]) == (1, [])
        return connection

    admin, running = connect(), connect()
    sessions = [connect() for _ in mysql_worst.SESSIONS]
    before = mysql_variables.values(admin)
    directory = before["plugin_dir"]
    files = stock.untold(server).exec(["sh", "-c", f"cd {directory} && ls *.so"]).stdout.split()
    obeyed, refused = mysql_worst.run(admin, mysql_worst.commands(files))
    assert obeyed > 100, "\n".join(refused)
    for session, commands in zip(sessions, mysql_worst.SESSIONS, strict=True):
        assert mysql_worst.run(session, commands)[1] == []
    running.send_query(mysql_worst.RUNNING.encode())
    unset = mysql_variables.set_all(admin) & before.keys()
    assert unset <= mysql_variables.UNSETTABLE.keys()
    kept = "SELECT count(*) FROM performance_schema.persisted_variables"
    assert rows(admin, kept)[0][0] > 300
    mysql_worst.run(admin, mysql_worst.LAST)
    return [partial(use, one) for one in (admin, running, *sessions)]


def use(connection: Any) -> None:
    for _ in range(10):  # the first ones may be told what the server before said last
        connection.ping()


def rows(connection: Any, command: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(command)
        return list(cursor.fetchall())


def facts(server: MySQLServer) -> dict[str, Any]:
    """Each row of each table that the server tells of itself in, and how often it is there."""
    connection: Any = server.client()
    connection.autocommit(True)
    told: dict[str, Any] = {}
    host = rows(connection, "SELECT @@hostname")[0][0]
    for schema in SCHEMAS:
        for (table,) in rows(connection, f"SHOW TABLES FROM {schema}"):
            if table in VOLATILE_TABLES:
                continue
            names = [one for (one, *_) in rows(connection, f"SHOW COLUMNS FROM {schema}.{table}")]
            kept = [one for one in names if one not in VOLATILE_COLUMNS.get(table, "").split()]
            query = f"SELECT {', '.join(f'`{one}`' for one in kept)} FROM {schema}.{table}"
            for row in rows(connection, query):
                if table == "global_variables" and row[0] in VOLATILE_VARIABLES:
                    continue
                name = f"{schema}.{table} {row!r}".replace(host, "HOST")
                told[name] = told.get(name, 0) + 1
    for query in (*ASKED, COMMANDS):
        told[query] = sorted(rows(connection, query))
    connection.close()
    for user, password in ACCOUNTS:
        told[f"login {user}"] = login(server, user, password)
    return told


def login(server: MySQLServer, user: str, password: str) -> int:
    """The number of the error, 0 if it succeeds."""
    try:
        MySQLdb.connect(host=server.host, port=server.port, user=user, password=password)
    except MySQLdb.Error as error:
        return int(error.args[0])
    return 0


@pytest.mark.parametrize("flags", [(), PERMISSIVE], ids=["as it is", "permissive"])
def test_nothing_of_it_is_there_for_the_next_server(flags: tuple[str, ...]) -> None:
    """Objects, accounts, variables set and kept, plugins, files, replication, what is left open."""
    before = MySQL(flags=flags)
    twice.assert_fresh(MySQL(), worst, facts, {}, before=before)
