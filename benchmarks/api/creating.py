"""createKey: how long it takes, and what the database is sent for it, as the database counts."""

from contextlib import closing
from dataclasses import dataclass

from benchmarks import load
from pkg.dockertest.mysql import MySQLServer

# What the server counts for all of its clients: statements, and those that begin and commit.
_STATEMENTS, _ENDS = "Questions", ("Com_begin", "Com_commit")
_STATUS = "SHOW GLOBAL STATUS WHERE Variable_name IN ('Questions', 'Com_begin', 'Com_commit')"


@dataclass(frozen=True)
class Created:
    """How keys are made, one after another.

    Attributes:
        milliseconds: of each.
        statements: that MySQL is sent for each, but for begin and commit; a round trip each.
    """

    milliseconds: list[float]
    statements: float


def created(request: load.Request, mysql: MySQLServer, times: int) -> Created:
    """Makes keys, and looks what that costs. Nobody else uses the server meanwhile.

    Raises:
        SystemExit: a key is not made.
    """
    load.once(request)  # what is needed is in memory, and connected
    with closing(mysql.client()) as counting:
        counting.autocommit(True)
        with closing(counting.cursor()) as cursor:

            def status() -> float:
                cursor.execute(_STATUS)
                found = {name: int(value) for name, value in cursor.fetchall()}
                return found[_STATEMENTS] - sum(found[each] for each in _ENDS)

            before = status()
            milliseconds = load.one_by_one(request, times)
            # But for this question itself.
            return Created(milliseconds, (status() - before - 1) / times)
