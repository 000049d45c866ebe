"""For tests: what a MySQL server hears."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import MySQLdb


class Asked(Protocol):
    """A server of a test's own, whose user may do everything."""

    def client(self) -> "MySQLdb.Connection":
        """A new connection."""


@contextmanager
def hearing(server: Asked) -> Iterator[list[str]]:
    """Fills a list, when the block ends, with the statements that the server has got in it.

    They are in their order, by the server's own log; of what is no statement, such as Connect,
    there is the kind. Several that came in one text are several.
    """
    heard: list[str] = []
    with closing(server.client()) as client, client.cursor() as cursor:
        cursor.execute("TRUNCATE TABLE mysql.general_log")
        cursor.execute("SET GLOBAL log_output = 'TABLE', general_log = 1")
        yield heard
        cursor.execute("SET GLOBAL general_log = 0")
        cursor.execute(
            "SELECT command_type, argument FROM mysql.general_log"
            " WHERE thread_id != CONNECTION_ID() AND command_type != 'Quit'"
        )
        for kind, argument in cursor.fetchall():
            heard.append(argument.decode(errors="replace") if kind == "Query" else kind)
