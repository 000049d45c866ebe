"""Sets each of MySQL's variables to something else, and keeps it for the server's next start."""

from collections.abc import Iterator
from typing import Any

import MySQLdb

_NOT_SETTABLE = (1238, 1228)  # read only; a session's alone
_ALL = """
SELECT variable_name, data_type, min_value, variable_value
FROM performance_schema.global_variables JOIN performance_schema.variables_metadata
USING (variable_name) ORDER BY variable_name
"""
# What cannot be guessed.
_VALUES = {
    "admin_ssl_cipher": "'ECDHE-RSA-AES128-GCM-SHA256'",
    "admin_tls_ciphersuites": "'TLS_AES_128_GCM_SHA256'",
    "authentication_policy": "'caching_sha2_password,,'",
    "default_collation_for_utf8mb4": "'utf8mb4_general_ci'",
    "default_storage_engine": "MyISAM",
    "default_tmp_storage_engine": "MyISAM",
    "ft_boolean_syntax": "'+ -><()~*:\"\"&!'",
    "innodb_buffer_pool_size": "67108864",
    "innodb_ft_aux_table": "'left_d/texts'",
    "innodb_ft_server_stopword_table": "'left_d/stop'",
    "innodb_ft_user_stopword_table": "'left_d/stop'",
    "innodb_tmpdir": "'/data'",
    "log_error_suppression_list": "'MY-010914'",
    "protocol_compression_algorithms": "'zlib'",
    "ssl_cipher": "'ECDHE-RSA-AES128-GCM-SHA256'",
    "time_zone": "'+05:00'",
    "tls_ciphersuites": "'TLS_AES_128_GCM_SHA256'",
}
_ONLY_KEPT = ("innodb_rollback_segments",)
_GUESSES = ("ON", "OFF", "1", "2", "0", "'left'", "'/tmp/left'", "''")
_NUMBERS = ("1", "2", "8", "1024", "4096", "1048576")
# What a server of ours does not set to anything else, and why.
UNSETTABLE = {
    "binlog_encryption": "there is no keyring",
    "innodb_redo_log_encrypt": "there is no keyring",
    "innodb_undo_log_encrypt": "there is no keyring",
    "enforce_gtid_consistency": "gtid_mode is ON",
    "binlog_format": "only for a server without GTIDs",
    "external_table_storage_engine": "there is no other one",
    "gtid_purged": "it was set before",
    "innodb_commit_concurrency": "not from 0",
    "innodb_doublewrite": "not from OFF",
    "innodb_buffer_pool_dump_now": "an order, which is OFF again at once",
    "innodb_buffer_pool_load_abort": "an order, which is OFF again at once",
    "innodb_buffer_pool_load_now": "an order, which is OFF again at once",
    "innodb_monitor_disable": "an order, which is not kept",
    "innodb_monitor_enable": "an order, which is not kept",
    "innodb_monitor_reset": "an order, which is not kept",
    "innodb_monitor_reset_all": "an order, which is not kept",
    "innodb_rollback_segments": "it takes ten seconds; it is only kept for the next start",
    "read_only": "other sessions hold locks",
    "super_read_only": "other sessions hold locks",
    "replica_preserve_commit_order": "a replica's threads run",
    "slave_preserve_commit_order": "a replica's threads run",
}


def values(connection: Any) -> dict[str, str]:
    """All global variables by name."""
    with connection.cursor() as cursor:
        cursor.execute(_ALL)
        return {name: value for name, _, _, value in cursor.fetchall()}


def set_all(connection: Any) -> set[str]:
    """Sets and keeps whatever can be; returns the names of those that can be set, but were not."""
    with connection.cursor() as cursor:
        cursor.execute(_ALL)
        return {name for name, *about in cursor.fetchall() if not _set(cursor, name, *about)}


def _set(cursor: Any, name: str, kind: str, least: str, value: str) -> bool:
    if name in _ONLY_KEPT:
        _keep(cursor, name, "2")
        return False
    for other in _others(name, kind, least, value):
        try:
            cursor.execute(f"SET GLOBAL {name} = {other}")
        except MySQLdb.Error as error:
            if error.args[0] in _NOT_SETTABLE:
                _keep(cursor, name, "1", "2", "'ON'", "'OFF'", "'/tmp/left'", "'left'")
                return True
            continue
        _keep(cursor, name, other)
        cursor.execute(
            "SELECT variable_value FROM performance_schema.global_variables "
            f"WHERE variable_name = '{name}'"
        )
        if cursor.fetchone() != (value,):
            return True
    return False


def _others(name: str, kind: str, least: str, value: str) -> Iterator[str]:
    if name in _VALUES:
        yield _VALUES[name]
    if kind in ("Integer", "Numeric"):
        guesses = (least, str(int(float(value or 0)) + 1), *_NUMBERS)
    else:
        guesses = _GUESSES
    yield from (one for one in guesses if one and one != value)


def _keep(cursor: Any, name: str, *values: str) -> None:
    """For the server's next start, if it can be."""
    for value in values:
        try:
            cursor.execute(f"SET PERSIST_ONLY {name} = {value}")
        except MySQLdb.Error:
            continue
        return
