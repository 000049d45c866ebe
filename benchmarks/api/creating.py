"""createKey: how often MySQL is waited for."""

from contextlib import closing

from benchmarks import load
from benchmarks.api.requests import Requests
from pkg.dockertest.mysql import MySQLServer

# What the server counts for all of its clients.
_STATUS = "SHOW GLOBAL STATUS WHERE Variable_name IN ('Com_begin', 'Com_commit')"


def round_trips(asked: Requests, times: int) -> float:
    """Round trips to MySQL for each new key, but for those that begin and commit.

    All are counted on the line, as several statements may go in one; begin and commit by MySQL.

    Args:
        asked: of a service whose round trips are counted.

    Raises:
        SystemExit: a key is not made.
    """
    assert asked.trips
    load.once(asked.create)  # what is needed is in memory, and connected
    ends, before = _ends(asked.mysql), asked.trips.count
    load.one_by_one(asked.create, times)
    after = asked.trips.count
    return (after - before - (_ends(asked.mysql) - ends)) / times


def _ends(mysql: MySQLServer) -> int:
    with closing(mysql.client()) as counting, closing(counting.cursor()) as cursor:
        cursor.execute(_STATUS)
        return sum(int(value) for _, value in cursor.fetchall())
