"""A tenant of MySQL: a user with all rights on a database of its name, and on those it makes whose
names begin with that and `_`.

It has no privilege of the whole server. What MySQL lets every user do, docs/containers.md says.
"""

import dataclasses
import hashlib
import os
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from typing import Any, ClassVar

from pkg.dockertest import Service
from pkg.dockertest.mysql import MySQL, MySQLServer
from pkg.testutil.containers.tenant import Tenancy, owner

_OWN = ("information_schema", "mysql", "performance_schema", "sys")
_SHORT_TABLE = 5000  # rows, estimated, up to which a table's content is looked at
_LOCK_SECONDS = 2  # how long a removal waits for what uses the tenant's tables
_LOCK_TIMEOUT = 1205
_CONNECTIONS = 600  # of all tests together
_YEAR_SECONDS = 31536000
# What can be changed beside databases, users and variables; the first column names it.
_SERVER_WIDE = {
    "plugin": "SELECT PLUGIN_NAME, PLUGIN_VERSION, PLUGIN_STATUS FROM information_schema.PLUGINS",
    "component": "SELECT component_urn FROM mysql.component",
    "loadable function": "SELECT name, dl FROM mysql.func",
    "foreign server": "SELECT Server_name, SHA2(CONCAT_WS('|', Host, Db, Username, Password, Port,"
    " Socket, Wrapper, Owner), 256) FROM mysql.servers",
    "tablespace": "SELECT NAME, SPACE_TYPE FROM information_schema.INNODB_TABLESPACES"
    " WHERE NAME NOT LIKE '%/%'",
    "resource group": "SELECT RESOURCE_GROUP_NAME, RESOURCE_GROUP_ENABLED, VCPU_IDS,"
    " THREAD_PRIORITY FROM information_schema.RESOURCE_GROUPS",
    "persisted variable": "SELECT VARIABLE_NAME, VARIABLE_VALUE"
    " FROM performance_schema.persisted_variables",
    "variable": "SHOW GLOBAL VARIABLES",
}
# What is in databases: the database, the name, and what changes with it.
_IN_DATABASES = {
    "routine": "SELECT ROUTINE_SCHEMA, ROUTINE_NAME, LAST_ALTERED FROM information_schema.ROUTINES",
    "trigger": "SELECT TRIGGER_SCHEMA, TRIGGER_NAME, CREATED FROM information_schema.TRIGGERS",
    "event": "SELECT EVENT_SCHEMA, EVENT_NAME, LAST_ALTERED FROM information_schema.EVENTS",
}
_GRANTS = ("user", "db", "tables_priv", "columns_priv", "procs_priv", "proxies_priv")
_GRANTS_BY_CAPITALS = ("global_grants", "default_roles")
_HIDDEN = ("gtid_executed", "gtid_purged")  # what every transaction changes


class MySQLTenancy(Tenancy[MySQLServer]):
    """The tenants of one MySQL server, over one connection that stays open."""

    service: ClassVar[str] = "mysql"
    options: ClassVar[tuple[str, ...]] = ("schema",)

    def __init__(self, whole: MySQLServer) -> None:
        super().__init__(whole)
        self._admin = whole.client()
        self._admin.autocommit(True)
        self._known_columns: dict[str, str] = {}
        self._order(
            f"SET SESSION wait_timeout = {_YEAR_SECONDS}, lock_wait_timeout = {_LOCK_SECONDS},"
            " information_schema_stats_expiry = 0"
        )
        os.register_at_fork(after_in_child=self._let_go)

    @classmethod
    def environment(cls) -> dict[str, str]:
        return {"MYSQL_FLAGS": f"--max-connections={_CONNECTIONS}"}

    def open(self, name: str, service: Service[MySQLServer]) -> MySQLServer:
        password = secrets.token_hex(16)
        # The user first: as long as it is there, the tenant is known.
        self._order(f"CREATE USER {name}@'%' IDENTIFIED BY '{password}'")
        self._order(f"GRANT ALL ON {name}.* TO {name}@'%'")
        self._order(f"GRANT ALL ON `{name}\\_%`.* TO {name}@'%'")
        self._order(f"CREATE DATABASE {name}")
        tenant = dataclasses.replace(self.whole, user=name, password=password, database=name)
        assert isinstance(service, MySQL)
        if content := service.schema_content():
            content.fill(tenant)  # as the tenant, whose rights are all that a routine of it has
        return tenant

    def drop(self, name: str) -> None:
        self._order(f"ALTER USER IF EXISTS {name}@'%' ACCOUNT LOCK")
        while self._disconnect(name) or self._drop_databases(name):
            pass  # until both have found nothing: a connection may just have been made
        self._order(f"DROP USER IF EXISTS {name}@'%'")

    def names(self) -> Iterable[str]:
        return [str(name) for (name,) in self._order("SELECT User FROM mysql.user")]

    def stock(self) -> Mapping[str, Any]:
        stock: dict[str, Any] = {}
        for kind, query in _SERVER_WIDE.items():
            stock |= {f"{kind} {name}": value for name, *value in self._order(query)}
        for name in _HIDDEN:
            stock.pop(f"variable {name}", None)
        for kind, query in _IN_DATABASES.items():
            stock |= {
                f"{kind} {database}.{name}": str(changed)
                for database, name, changed in self._order(query)
                if _is_common(database)
            }
        return stock | dict(self._databases()) | dict(self._tables()) | self._grants()

    def _databases(self) -> Iterator[tuple[str, Any]]:
        query = (
            "SELECT SCHEMA_NAME, DEFAULT_COLLATION_NAME, DEFAULT_ENCRYPTION"
            " FROM information_schema.SCHEMATA"
        )
        for name, *about in self._order(query):
            if _is_common(name):
                yield f"database {name}", about

    def _tables(self) -> Iterator[tuple[str, Any]]:
        names = self._order(
            "SELECT TABLE_SCHEMA, TABLE_NAME, CREATE_TIME FROM information_schema.TABLES"
        )
        for database, name, made in names:
            if _is_common(database):
                yield f"table {database}.{name}", str(made)
        own = ", ".join(f"'{name}'" for name in _OWN)
        for database, name, rows, changed in self._order(
            "SELECT TABLE_SCHEMA, TABLE_NAME, TABLE_ROWS, UPDATE_TIME"
            f" FROM information_schema.TABLES WHERE TABLE_SCHEMA NOT IN ({own})"
            " AND TABLE_TYPE = 'BASE TABLE'"
        ):
            if not _is_common(database):
                continue
            content: object = f"about {rows} rows, last changed {changed}"
            if rows is None or rows <= _SHORT_TABLE:
                table = f"{_quoted(database)}.{_quoted(name)}"
                [(count,)] = self._order(f"SELECT COUNT(*) FROM {table}")
                content = f"{count} rows, checksum {self._order(f'CHECKSUM TABLE {table}')[0][1]}"
            yield f"content of {database}.{name}", content

    def _grants(self) -> dict[str, str]:
        rows: dict[str, list[str]] = {}
        for table in (*_GRANTS, *_GRANTS_BY_CAPITALS):
            for user, row in self._order(
                f"SELECT User, JSON_ARRAY('{table}', {self._columns(table)}) FROM mysql.{table}"
            ):
                rows.setdefault(str(user), []).append(str(row))
        return {
            # There are hashes of passwords among it, which are nobody's to read.
            f"user {user}": hashlib.sha256("\n".join(sorted(found)).encode()).hexdigest()[:8]
            for user, found in rows.items()
            if owner(user) is None
        }

    def _columns(self, table: str) -> str:
        if table not in self._known_columns:
            columns = self._order(f"SHOW COLUMNS FROM mysql.{table}")
            self._known_columns[table] = ", ".join(_quoted(name) for name, *_ in columns)
        return self._known_columns[table]

    def _disconnect(self, name: str) -> bool:
        """Ends a tenant's connections; returns whether there were some."""
        theirs = [number for number, user, *_ in self._order("SHOW PROCESSLIST") if user == name]
        for number in theirs:
            self._try_kill(number)
        return bool(theirs)

    def _try_kill(self, number: int) -> None:
        import MySQLdb

        try:
            self._order(f"KILL {number}")
        except MySQLdb.OperationalError as error:
            if error.args[0] != 1094:  # it has ended by itself
                raise

    def _drop_databases(self, name: str) -> bool:
        """Removes a tenant's databases; returns whether there were some."""
        self._roll_back(lambda transaction: _tenant(transaction) == name)
        found = self._order(
            "SELECT SCHEMA_NAME FROM information_schema.SCHEMATA"
            f" WHERE SCHEMA_NAME = '{name}' OR SCHEMA_NAME LIKE '{name}\\_%'"
        )
        for (database,) in found:
            self._drop_database(f"DROP DATABASE IF EXISTS {_quoted(database)}")
        return bool(found)

    def _drop_database(self, statement: str) -> None:
        import MySQLdb

        try:
            self._order(statement)
        except MySQLdb.OperationalError as error:
            if error.args[0] != _LOCK_TIMEOUT:
                raise
            # Whose a prepared transaction is, its name alone says: here it is nobody's.
            self._roll_back(lambda transaction: owner(_tenant(transaction)) is None)
            self._order(statement)

    def _roll_back(self, is_meant: Callable[[bytes], bool]) -> None:
        """Ends prepared XA transactions, which outlive their connections and keep their locks."""
        for form, length, _, data in self._order("XA RECOVER CONVERT XID"):
            whole = bytes.fromhex(str(data).removeprefix("0x"))
            name, branch = whole[:length], whole[length:]
            if is_meant(name):
                self._order(f"XA ROLLBACK X'{name.hex()}', X'{branch.hex()}', {form}")

    def _order(self, statement: str) -> Sequence[tuple[Any, ...]]:
        with closing(self._admin.cursor()) as cursor:
            cursor.execute(statement)
            answer: Sequence[tuple[Any, ...]] = cursor.fetchall()
            return answer

    def _let_go(self) -> None:
        """In a forked child, whose end would say good-bye over its parent's connection."""
        nothing = os.open(os.devnull, os.O_RDWR)
        os.dup2(nothing, self._admin.fileno(), inheritable=False)  # type: ignore[no-untyped-call]
        os.close(nothing)


def _is_common(database: str) -> bool:
    """Whether it is no tenant's."""
    return owner(database.partition("_")[0]) is None


def _tenant(transaction: bytes) -> str:
    """The name that a transaction's name begins with."""
    return transaction.decode(errors="replace").partition("_")[0]


def _quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


TENANCY = MySQLTenancy
