"""Makes and removes what a tenant of MySQL is: a user, and databases that begin with its name."""

import secrets
from collections.abc import Callable

from pkg.testutil.containers.tenant import owner
from pkg.testutil.containers.tenants.mysql_admin import Admin, quoted

_LOCK_TIMEOUT = 1205
_UNKNOWN_THREAD = 1094


class Accounts:
    """The tenants' accounts on a server. Not thread-safe, as its connection."""

    def __init__(self, admin: Admin) -> None:
        self._admin = admin

    def create(self, name: str) -> str:
        """Makes a user and its empty database; returns its password."""
        password = secrets.token_hex(16)
        # The user first: as long as it is there, the tenant is known.
        self._admin.order(f"CREATE USER {name}@'%' IDENTIFIED BY '{password}'")
        self._admin.order(f"GRANT ALL ON {name}.* TO {name}@'%'")
        self._admin.order(f"GRANT ALL ON `{name}\\_%`.* TO {name}@'%'")
        self._admin.order(f"CREATE DATABASE {name}")
        return password

    def drop(self, name: str) -> None:
        """Removes a user with its databases, connections and prepared transactions."""
        self._admin.order(f"ALTER USER IF EXISTS {name}@'%' ACCOUNT LOCK")
        while self._disconnect(name) or self._drop_databases(name):
            pass  # until both have found nothing: a connection may just have been made
        self._admin.order(f"DROP USER IF EXISTS {name}@'%'")

    def names(self) -> list[str]:
        """All users of the server."""
        return [str(name) for (name,) in self._admin.order("SELECT User FROM mysql.user")]

    def _disconnect(self, name: str) -> bool:
        """Ends a tenant's connections; returns whether there were some."""
        theirs = [
            number for number, user, *_ in self._admin.order("SHOW PROCESSLIST") if user == name
        ]
        for number in theirs:
            self._try_kill(number)
        return bool(theirs)

    def _try_kill(self, number: int) -> None:
        import MySQLdb

        try:
            self._admin.order(f"KILL {number}")
        except MySQLdb.OperationalError as error:
            if error.args[0] != _UNKNOWN_THREAD:  # it has ended by itself
                raise

    def _drop_databases(self, name: str) -> bool:
        """Removes a tenant's databases; returns whether there were some."""
        self._roll_back(lambda transaction: _tenant(transaction) == name)
        found = self._admin.order(
            "SELECT SCHEMA_NAME FROM information_schema.SCHEMATA"
            f" WHERE SCHEMA_NAME = '{name}' OR SCHEMA_NAME LIKE '{name}\\_%'"
        )
        for (database,) in found:
            self._drop_database(f"DROP DATABASE IF EXISTS {quoted(database)}")
        return bool(found)

    def _drop_database(self, statement: str) -> None:
        import MySQLdb

        try:
            self._admin.order(statement)
        except MySQLdb.OperationalError as error:
            if error.args[0] != _LOCK_TIMEOUT:
                raise
            # Whose a prepared transaction is, its name alone says: here it is nobody's.
            self._roll_back(lambda transaction: owner(_tenant(transaction)) is None)
            self._admin.order(statement)

    def _roll_back(self, is_meant: Callable[[bytes], bool]) -> None:
        """Ends prepared XA transactions, which outlive their connections and keep their locks."""
        for form, length, _, data in self._admin.order("XA RECOVER CONVERT XID"):
            whole = bytes.fromhex(str(data).removeprefix("0x"))
            name, branch = whole[:length], whole[length:]
            if is_meant(name):
                self._admin.order(f"XA ROLLBACK X'{name.hex()}', X'{branch.hex()}', {form}")


def _tenant(transaction: bytes) -> str:
    """The name that a transaction's name begins with."""
    return transaction.decode(errors="replace").partition("_")[0]
