"""What clickhouse_test.py has ClickHouse do, old releases and current ones; none knows it all."""

from collections.abc import Iterator, Sequence

COLUMNS = "(id UInt64, day Date DEFAULT today())"
ENGINES = (
    "MergeTree(day, id, 8192)",
    "MergeTree ORDER BY id",
    "ReplacingMergeTree ORDER BY id",
    "TinyLog",
    "StripeLog",
    "Log",
    "Memory",
    "Set",
    "Join(ANY, LEFT, id)",
    "Null",
    "File(CSV)",
    "URL('http://127.0.0.1:8123/', CSV)",
    "Buffer(left, t0, 16, 10, 100, 10000, 1000000, 10000000, 100000000)",
    "Merge(left, '^t')",
    "Distributed(none, left, t0)",
    "Kafka('127.0.0.1:9092', 'topic', 'group', 'CSV')",
    "MySQL('127.0.0.1:3306', 'a', 'b', 'c', 'd')",
)
COMMANDS = (
    "CREATE VIEW left.v AS SELECT 1",
    "CREATE MATERIALIZED VIEW left.m ENGINE = Memory AS SELECT id FROM left.t5",
    "CREATE DICTIONARY left.d (id UInt64) PRIMARY KEY id SOURCE(NULL()) LAYOUT(FLAT()) LIFETIME(1)",
    "CREATE FUNCTION left_f AS (x) -> x + 1",
    "CREATE USER left IDENTIFIED BY 'left'",
    "CREATE ROLE left",
    "CREATE QUOTA left",
    "CREATE SETTINGS PROFILE left SETTINGS max_threads = 1",
    "CREATE NAMED COLLECTION left AS a = 1",
    "INSERT INTO FUNCTION file('left.csv', 'CSV', 'a String') VALUES ('x')",
    "SET GLOBAL max_threads = 1",
    "ALTER TABLE left.t1 UPDATE day = today() WHERE 1",
    "ALTER TABLE left.t0 FREEZE",
    "ALTER TABLE left.t0 DETACH PARTITION tuple()",
    "DETACH TABLE left.t3",
    "SYSTEM STOP MERGES",
    "SYSTEM STOP FETCHES",
    "SYSTEM STOP DISTRIBUTED SENDS",
    "SYSTEM FLUSH LOGS",
    "SYSTEM DROP DNS CACHE",
    "SYSTEM DROP MARK CACHE",
    "SYSTEM RELOAD CONFIG",
    "KILL QUERY WHERE 1 ASYNC",
    "KILL MUTATION WHERE 1",
    "USE left",
    "SET max_threads = 1",
    "CREATE TEMPORARY TABLE left_t (a UInt8)",
)
LONG = "SELECT sleep(1) FROM numbers(100) SETTINGS max_block_size = 1"


def commands() -> Iterator[str]:
    """A table of every engine, with some rows, and all the rest."""
    yield "CREATE DATABASE left"
    for number, engine in enumerate(ENGINES):
        yield f"CREATE TABLE left.t{number} {COLUMNS} ENGINE = {engine}"
        yield f"INSERT INTO left.t{number} (id) SELECT number FROM numbers(10000)"
    yield from COMMANDS


def listing(table: str, columns: Sequence[str]) -> str:
    """These columns of one of the system's tables."""
    return f"SELECT {', '.join(columns)} FROM system.{table}"
