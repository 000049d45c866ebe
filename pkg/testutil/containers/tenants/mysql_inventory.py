"""What tests can leave on a MySQL server or change there, for the leak detector."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from pkg.testutil.containers.tenant import digest, owner
from pkg.testutil.containers.tenants.mysql_admin import quoted
from pkg.testutil.containers.tenants.mysql_ahead import DATABASE as _AHEAD

Order: TypeAlias = "Callable[[str], Sequence[tuple[Any, ...]]]"

_OWN = ("information_schema", "mysql", "performance_schema", "sys")
_SHORT_TABLE = 5000  # rows, estimated, up to which a table's content is looked at
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


class Inventory:
    """Takes stock of one server, over a connection of its user who may do everything."""

    def __init__(self, order: Order) -> None:
        self._order = order
        self._known_columns: dict[str, str] = {}

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
                table = f"{quoted(database)}.{quoted(name)}"
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
            # There are hashes of passwords among it.
            f"user {user}": digest("\n".join(sorted(found)))
            for user, found in rows.items()
            if owner(user) is None
        }

    def _columns(self, table: str) -> str:
        if table not in self._known_columns:
            columns = self._order(f"SHOW COLUMNS FROM mysql.{table}")
            self._known_columns[table] = ", ".join(quoted(name) for name, *_ in columns)
        return self._known_columns[table]


def _is_common(database: str) -> bool:
    """Whether it is no tenant's, nor for those that wait."""
    return owner(database.partition("_")[0]) is None and database != _AHEAD
