"""What mysql_test.py has MySQL do; no release and no set of flags lets all of it be done."""

from collections.abc import Iterator, Sequence
from typing import Any

import MySQLdb

ENGINES = ("InnoDB", "MyISAM", "MEMORY", "CSV", "ARCHIVE", "BLACKHOLE", "FEDERATED")
OBJECTS = (
    "CREATE DATABASE left_d",
    "USE left_d",
    "CREATE TABLE parted (a INT) PARTITION BY HASH (a) PARTITIONS 4",
    "CREATE TABLE stop (value VARCHAR(30))",
    "CREATE TABLE texts (a TEXT, FULLTEXT (a))",
    "CREATE TABLE pressed (a TEXT) ROW_FORMAT = COMPRESSED",
    "CREATE TABLE sealed (a INT) ENCRYPTION = 'Y'",
    "CREATE TABLE elsewhere (a INT) DATA DIRECTORY = '/tmp'",
    "CREATE TABLE linked (a INT) ENGINE = MyISAM DATA DIRECTORY = '/tmp' INDEX DIRECTORY = '/tmp'",
    "CREATE TABLE merged (a INT) ENGINE = MERGE UNION = (t_MyISAM)",
    "CREATE TEMPORARY TABLE passing (a INT) AS SELECT 1 AS a",
    "CREATE TABLESPACE left_s ADD DATAFILE 'left.ibd'",
    "CREATE TABLE spaced (a INT) TABLESPACE left_s",
    "CREATE UNDO TABLESPACE left_u ADD DATAFILE 'left.ibu'",
    "ALTER UNDO TABLESPACE innodb_undo_002 SET INACTIVE",
    "CREATE VIEW v AS SELECT 1",
    "CREATE PROCEDURE p() SELECT 1",
    "CREATE FUNCTION f() RETURNS INT DETERMINISTIC RETURN 1",
    "CREATE TRIGGER g BEFORE INSERT ON t_InnoDB FOR EACH ROW SET NEW.b = 'left'",
    "CREATE EVENT e ON SCHEDULE EVERY 1 SECOND DO INSERT INTO t_InnoDB (b) VALUES ('left')",
    "CREATE LIBRARY l LANGUAGE JAVASCRIPT AS 'export function f() { return 1 }'",
    "CREATE SERVER left_v FOREIGN DATA WRAPPER mysql OPTIONS (HOST '127.0.0.1', USER 'left')",
    "CREATE RESOURCE GROUP left_r TYPE = USER VCPU = 0",
    "SET RESOURCE GROUP left_r",
    "CREATE SPATIAL REFERENCE SYSTEM 4120000 NAME 'left' DEFINITION 'GEOGCS[\"left\","
    'DATUM["left",SPHEROID["left",6378137,298]],PRIMEM["left",0],UNIT["degree",0.01],'
    'AXIS["Lat",NORTH],AXIS["Lon",EAST]]\'',
    "ANALYZE TABLE t_InnoDB UPDATE HISTOGRAM ON b",
    "CACHE INDEX t_MyISAM IN left_c",
    "CREATE TABLE test.left_t (a INT)",
    "ALTER DATABASE test READ ONLY = 1",
)
ACCOUNTS = (
    "CREATE USER left_u IDENTIFIED BY 'left'",
    "CREATE USER left_n IDENTIFIED WITH mysql_no_login",
    "CREATE USER left_k IDENTIFIED WITH auth_socket",
    "CREATE USER ''@'%'",
    "CREATE ROLE left_r",
    "GRANT ALL ON *.* TO left_u WITH GRANT OPTION",
    "GRANT left_r TO left_u, test@'%'",
    "GRANT PROXY ON left_u TO ''@'%'",
    "SET DEFAULT ROLE left_r TO left_u",
    "ALTER USER left_u FAILED_LOGIN_ATTEMPTS 3 PASSWORD_LOCK_TIME 3 COMMENT 'left'",
    "SET PERSIST mandatory_roles = 'left_r'",
    "ALTER USER root@localhost IDENTIFIED BY 'left' ACCOUNT UNLOCK",
    "RENAME USER root@localhost TO root@'%'",
    "ALTER USER test@'%' IDENTIFIED BY 'left' RETAIN CURRENT PASSWORD",
    "SET PASSWORD = 'left'",
    "ALTER USER test@'%' REQUIRE SSL WITH MAX_QUERIES_PER_HOUR 100000",
    "REVOKE CREATE TABLESPACE ON *.* FROM test@'%'",
)
SYSTEM = (
    "UPDATE mysql.server_cost SET cost_value = 7",
    "UPDATE mysql.engine_cost SET cost_value = 7",
    "FLUSH OPTIMIZER_COSTS",
    "INSERT INTO mysql.time_zone_name VALUES ('left', 1)",
    "INSERT INTO mysql.plugin VALUES ('left', 'left.so')",
    "INSERT INTO mysql.func VALUES ('left', 0, 'left.so', 'function')",
    "INSERT INTO mysql.component VALUES (77, 77, 'file://left')",
    "INSERT INTO mysql.innodb_table_stats VALUES ('left', 'left', now(), 1, 1, 1)",
    "DELETE FROM mysql.help_topic LIMIT 10",
    "ALTER TABLE mysql.general_log ENGINE = MyISAM",
    "DROP DATABASE sys",
    "UPDATE performance_schema.setup_instruments SET ENABLED = 'NO'",
    "UPDATE performance_schema.setup_consumers SET ENABLED = 'YES'",
    "UPDATE performance_schema.setup_loggers SET LEVEL = 'debug'",
    "UPDATE performance_schema.setup_metrics SET ENABLED = 'NO'",
    "INSERT INTO performance_schema.setup_actors VALUES ('left', 'left', 'left', 'YES', 'YES')",
    "INSERT INTO performance_schema.setup_objects VALUES ('TABLE', 'left', 'left', 'NO', 'NO')",
    "TRUNCATE TABLE performance_schema.setup_threads",
    "ALTER INSTANCE DISABLE INNODB REDO_LOG",
    "ALTER INSTANCE ENABLE INNODB REDO_LOG",
    "ALTER INSTANCE ROTATE INNODB MASTER KEY",
    "ALTER INSTANCE ROTATE BINLOG MASTER KEY",
    "ALTER INSTANCE RELOAD KEYRING",
    "ALTER INSTANCE RELOAD TLS NO ROLLBACK ON ERROR",
    "SET GLOBAL innodb_monitor_enable = 'all'",
)
FILES = (
    "SELECT 'left' INTO OUTFILE '/tmp/left.out'",
    "SELECT 'left' INTO DUMPFILE '/data/left.dump'",
    "SELECT 'left' INTO DUMPFILE '/data/mysql/left_d/left.ibd'",
    "LOAD DATA INFILE '/etc/passwd' INTO TABLE left_d.t_InnoDB (b)",
    "SELECT LOAD_FILE('/tmp/mysql.pid')",
    "CLONE LOCAL DATA DIRECTORY = '/data/left.clone'",
    "SET GLOBAL innodb_redo_log_archive_dirs = 'left:/tmp'",
    "DO innodb_redo_log_archive_start('left')",
    "SET GLOBAL general_log_file = '/tmp/left.log', slow_query_log_file = '/data/left.log'",
    "SET GLOBAL log_output = 'FILE,TABLE', long_query_time = 0",
    "SET GLOBAL general_log = 1, slow_query_log = 1",
    "SELECT 'left'",
    "FLUSH LOGS",
)
REPLICATION = (
    "SET GLOBAL gtid_mode = OFF_PERMISSIVE",
    "SET GLOBAL gtid_mode = ON_PERMISSIVE",
    "SET GLOBAL gtid_mode = ON",
    "SET GLOBAL gtid_purged = '11111111-1111-1111-1111-111111111111:1-7'",
    "FLUSH BINARY LOGS",
    "CHANGE REPLICATION SOURCE TO SOURCE_HOST = '127.0.0.1', SOURCE_PORT = 3306, "
    "SOURCE_USER = 'test', SOURCE_PASSWORD = 'left', SOURCE_CONNECT_RETRY = 1, "
    "GET_SOURCE_PUBLIC_KEY = 1 FOR CHANNEL 'left'",
    "CHANGE REPLICATION FILTER REPLICATE_IGNORE_DB = (left_d) FOR CHANNEL 'left'",
    "CHANGE REPLICATION FILTER REPLICATE_DO_DB = (left_d)",
    "START REPLICA FOR CHANNEL 'left'",
    "DO asynchronous_connection_failover_add_source('left', '127.0.0.1', 3306, '', 50)",
    "CHANGE REPLICATION SOURCE TO SOURCE_USER = 'left' FOR CHANNEL 'group_replication_recovery'",
    "START GROUP_REPLICATION",
)
# Each in a connection of its own, which is left open.
SESSIONS: Sequence[Sequence[str]] = (
    (
        "XA START 'left'",
        "INSERT INTO left_d.t_InnoDB (b) VALUES ('x')",
        "XA END 'left'",
        "XA PREPARE 'left'",
    ),
    ("BEGIN", "INSERT INTO left_d.stop VALUES ('left')", "SET @left = 1"),
    ("PREPARE left_p FROM 'SELECT 1'", "EXECUTE left_p"),
    ("HANDLER left_d.t_InnoDB OPEN", "DO GET_LOCK('left', 1)"),
    ("DO service_get_write_locks('left', 'left', 1)", "SET SESSION sql_mode = ''"),
    ("LOCK INSTANCE FOR BACKUP", "FLUSH TABLES left_d.pressed FOR EXPORT"),
)
PATIENCE = "SET SESSION lock_wait_timeout = 1, innodb_lock_wait_timeout = 1"
RUNNING = "SELECT SLEEP(1000)"
LAST = ("RESTART", "SHUTDOWN")
# The name in a file, where it is not the file's own.
PLUGINS = {
    "adt_null": ("NULL_AUDIT",),
    "connection_control": ("CONNECTION_CONTROL", "CONNECTION_CONTROL_FAILED_LOGIN_ATTEMPTS"),
    "libpluginmecab": ("mecab",),
    "mypluglib": ("simple_parser", "EXAMPLE"),
    "mysql_clone": ("clone",),
    "rewriter": ("Rewriter",),
    "semisync_replica": ("rpl_semi_sync_replica",),
    "semisync_source": ("rpl_semi_sync_source",),
    "locking_service": (),
    "telemetry_client": (),  # a client's, on which the server would end
}
FUNCTIONS = {
    "keyring_udf": ("keyring_key_generate", "keyring_key_store", "keyring_key_fetch"),
    "locking_service": ("service_get_read_locks", "service_get_write_locks"),
}
KEYS = (
    "DO keyring_key_generate('left', 'AES', 32)",
    "DO keyring_key_store('left', 'SECRET', 'left')",
)


def tables() -> Iterator[str]:
    """A table of every engine, with a row."""
    for engine in ENGINES:
        name = f"left_d.t_{engine}"
        yield f"CREATE TABLE {name} (b VARCHAR(100) NOT NULL) ENGINE = {engine}"
        yield f"INSERT INTO {name} VALUES ('left')"


def loadable(files: Sequence[str]) -> Iterator[str]:
    """Installs what is in the files of the directory of plugins."""
    for file in files:
        name = file.removesuffix(".so")
        if name.startswith("component_"):
            yield f"INSTALL COMPONENT 'file://{name}'"
            continue
        for plugin in PLUGINS.get(name, (name,)):
            yield f"INSTALL PLUGIN {plugin} SONAME '{file}'"
        for function in FUNCTIONS.get(name, ()):
            returns = "STRING" if function == "keyring_key_fetch" else "INTEGER"
            yield f"CREATE FUNCTION {function} RETURNS {returns} SONAME '{file}'"


def commands(files: Sequence[str]) -> Iterator[str]:
    """All but the variables and what keeps a connection."""
    yield from OBJECTS[:2]
    yield from tables()
    for group in (OBJECTS[2:], ACCOUNTS, loadable(files), KEYS, SYSTEM, FILES, REPLICATION):
        yield from group


def run(connection: Any, commands: Sequence[str] | Iterator[str]) -> tuple[int, list[str]]:
    """Has it obey; returns how often it did, and what it refused."""
    obeyed, refused = 0, []
    for command in commands:
        try:
            with connection.cursor() as cursor:
                cursor.execute(command)
                obeyed += 1
        except MySQLdb.Error as error:
            refused.append(f"{command}: {error}")
    return obeyed, refused
