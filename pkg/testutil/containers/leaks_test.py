"""What a test that had a shared server whole has left is told, of each kind; so is whose it is.

Of S3 see s3_test, of Kafka kafka_leaks_test.
"""

import os
import secrets
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from pkg.dockertest import Service, engine
from pkg.dockertest.clickhouse import ClickHouse
from pkg.dockertest.mysql import MySQL
from pkg.dockertest.redis import Redis
from pkg.testutil.containers import Containers, Leaked, leaks
from pkg.testutil.containers.parted import Parted, process

LIBRARY = "#!lua name=forgotten\nredis.register_function('f', function() return 1 end)"
MANY = 6000
TESTS = """
from pkg.dockertest.redis import Redis

def test_forgets(containers):
    containers.raw(Redis()).client().set("{key}", "x")

def test_tidies(containers):
    client = containers.raw(Redis()).client()
    client.set("other", "x")
    client.delete("other")
"""

Run = Callable[[str], object]  # a command, or a statement
Known: TypeAlias = (
    "tuple[Callable[[Any], Run], Sequence[str], Sequence[str], Mapping[str, tuple[str, str]]]"
)


def redis(server: Any) -> Run:
    client = server.client()

    def run(command: str) -> object:
        name, *words = command.split(" ", 3)
        if name == "FILL":
            return client.mset(dict.fromkeys(map(str, range(MANY)), "x"))
        if name == "LIBRARY":
            return client.function_load(LIBRARY)
        if name == "EMPTY":
            return client.unlink(*range(MANY))
        return client.execute_command(name, *words)

    return run


def mysql(server: Any) -> Run:
    def run(statement: str) -> object:
        with closing(server.client()) as connection, closing(connection.cursor()) as cursor:
            connection.autocommit(True)
            return cursor.execute(statement)

    return run


def clickhouse(server: Any) -> Run:
    execute: Run = server.client().execute
    return execute


# By service: who obeys; what is there before, and how it goes; what is told of what is left, what
# leaves it, and what removes that.
REDIS = (
    redis,
    ("SET kept x",),
    ("DEL kept",),
    {
        "left key forgotten": ("SET forgotten x", "DEL forgotten"),
        "removed key kept": ("DEL kept", "SET kept x"),
        r"changed keys in db0: \d+ → \d+": ("FILL", "EMPTY"),
        "left keys in db3": ("MOVE kept 3", "SWAPDB 0 3"),
        "left user forgotten": ("ACL SETUSER forgotten", "ACL DELUSER forgotten"),
        "changed setting maxmemory-samples: '5' → '7'": (
            "CONFIG SET maxmemory-samples 7",
            "CONFIG SET maxmemory-samples 5",
        ),
        "left function library forgotten": ("LIBRARY", "FUNCTION DELETE forgotten"),
    },
)
MYSQL = (
    mysql,
    ("CREATE TABLE kept (id INT)", "INSERT INTO kept VALUES (1)", "CREATE USER kept, other"),
    ("DROP TABLE kept", "DROP USER kept, other"),
    {
        "left database forgotten": ("CREATE DATABASE forgotten", "DROP DATABASE forgotten"),
        # Near the names of what is left out.
        "left database berth_x": ("CREATE DATABASE berth_x", "DROP DATABASE berth_x"),
        "left database t0x1": ("CREATE DATABASE t0x1", "DROP DATABASE t0x1"),
        r"left table test\.forgotten": ("CREATE TABLE forgotten (id INT)", "DROP TABLE forgotten"),
        r"left table test\.seen": ("CREATE VIEW seen AS SELECT 1", "DROP VIEW seen"),
        r"changed content of test\.kept: '1 rows.* → '2 rows": (
            "INSERT INTO kept VALUES (2)",
            "DELETE FROM kept WHERE id = 2",
        ),
        r"changed content of test\.kept: '1 rows.* → '1 rows": (
            "UPDATE kept SET id = 3",
            "UPDATE kept SET id = 1",
        ),
        "left user forgotten": ("CREATE USER forgotten", "DROP USER forgotten"),
        "left user role": ("CREATE ROLE role", "DROP ROLE role"),
        "changed user kept": (
            "GRANT SELECT ON test.* TO kept",
            "REVOKE SELECT ON test.* FROM kept",
        ),
        "changed user other": (
            "GRANT CONNECTION_ADMIN ON *.* TO other",
            "REVOKE CONNECTION_ADMIN ON *.* FROM other",
        ),
        r"left routine test\.forgotten": (
            "CREATE PROCEDURE forgotten() SELECT 1",
            "DROP PROCEDURE forgotten",
        ),
        r"left trigger test\.forgotten": (
            "CREATE TRIGGER forgotten BEFORE INSERT ON kept FOR EACH ROW SET @x = 1",
            "DROP TRIGGER forgotten",
        ),
        r"left event test\.forgotten": (
            "CREATE EVENT forgotten ON SCHEDULE EVERY 1 DAY DO SELECT 1",
            "DROP EVENT forgotten",
        ),
        "changed variable long_query_time": (
            "SET GLOBAL long_query_time = 7",
            "SET GLOBAL long_query_time = DEFAULT",
        ),
        "left persisted variable long_query_time": (
            "SET PERSIST_ONLY long_query_time = 7",
            "RESET PERSIST long_query_time",
        ),
        "left plugin mysql_no_login": (
            "INSTALL PLUGIN mysql_no_login SONAME 'mysql_no_login.so'",
            "UNINSTALL PLUGIN mysql_no_login",
        ),
        "left component file://component_validate_password": (
            "INSTALL COMPONENT 'file://component_validate_password'",
            "UNINSTALL COMPONENT 'file://component_validate_password'",
        ),
        "left foreign server forgotten": (
            "CREATE SERVER forgotten FOREIGN DATA WRAPPER mysql OPTIONS (USER 'x')",
            "DROP SERVER forgotten",
        ),
        "left tablespace forgotten": (
            "CREATE TABLESPACE forgotten ADD DATAFILE 'forgotten.ibd'",
            "DROP TABLESPACE forgotten",
        ),
        "left resource group forgotten": (
            "CREATE RESOURCE GROUP forgotten TYPE = USER",
            "DROP RESOURCE GROUP forgotten",
        ),
    },
)
CLICKHOUSE = (
    clickhouse,
    (
        "CREATE TABLE kept (id UInt8) ENGINE = MergeTree ORDER BY id",
        "CREATE TABLE short (id UInt8) ENGINE = Memory",
    ),
    ("DROP TABLE kept", "DROP TABLE short"),
    {
        "left database forgotten": ("CREATE DATABASE forgotten", "DROP DATABASE forgotten"),
        r"left table default\.forgotten": (
            "CREATE TABLE forgotten (id UInt8) ENGINE = Null",
            "DROP TABLE forgotten",
        ),
        r"changed table default\.kept": (
            "ALTER TABLE kept ADD COLUMN x UInt8",
            "ALTER TABLE kept DROP COLUMN x",
        ),
        r"left rows in default\.kept": (
            "INSERT INTO kept SELECT 1",
            "ALTER TABLE kept DROP PARTITION tuple()",
        ),
        r"changed rows in default\.short: 0 → 1": (
            "INSERT INTO short SELECT 1",
            "TRUNCATE TABLE short",
        ),
    },
)


@pytest.mark.parametrize(
    ("service", "known"),
    [(Redis(), REDIS), (MySQL(), MYSQL), (ClickHouse(), CLICKHOUSE)],
    ids=["redis", "mysql", "clickhouse"],
)
def test_what_a_test_has_left_is_told(
    containers: Containers, service: Service[Any], known: Known
) -> None:
    """Of each kind; and nothing is once it is removed: neither here nor at the end of this test."""
    runs, make, unmake, left = known
    run = runs(containers.raw(service))
    parted = process.find(engine.connect(), (service,))[service.service]
    for one in make:
        run(one)
    before = leaks.stock(parted)
    try:
        for told, (leave, remove) in left.items():
            run(leave)
            after = leaks.stock(parted)
            run(remove)
            with pytest.raises(Leaked, match=told):
                leaks.compare(service.service, before, after)
            assert leaks.stock(parted) == before, remove
    finally:
        for one in unmake:
            run(one)


@pytest.fixture
def empty_table(containers: Containers) -> Iterator[tuple[Run, Parted]]:
    """What runs statements on the shared MySQL, where the table `young` was just made."""
    run = mysql(containers.raw(MySQL()))
    run("CREATE TABLE young (id INT PRIMARY KEY AUTO_INCREMENT, x INT)")
    yield run, process.find(engine.connect(), (MySQL(),))["mysql"]
    run("DROP TABLE young")


@pytest.mark.parametrize("change", ["ADD COLUMN y INT", "ADD INDEX (x)", "COMMENT 'other'"])
def test_an_altered_table_is_told_though_it_is_empty(
    empty_table: tuple[Run, Parted], change: str
) -> None:
    """In the second in which it was made, too: MySQL knows no shorter time."""
    run, parted = empty_table
    before = leaks.stock(parted)
    run(f"ALTER TABLE young {change}")
    with pytest.raises(Leaked, match=r"changed table test\.young"):
        leaks.compare("mysql", before, leaks.stock(parted))


def test_a_row_that_came_and_went_is_not_told(empty_table: tuple[Run, Parted]) -> None:
    """Though MySQL tells of the number that the next one gets."""
    run, parted = empty_table
    before = leaks.stock(parted)
    run("INSERT INTO young (x) VALUES (1)")
    run("DELETE FROM young")
    assert leaks.stock(parted) == before


@pytest.fixture
def file(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A file of two tests, the first of which leaves a key; and that key."""
    key = f"forgotten-{secrets.token_hex(4)}"
    file = tmp_path / "forgetful_test.py"
    file.write_text(TESTS.format(key=key))
    yield file, key
    process.find(engine.connect(), (Redis(),))["redis"].whole.client().delete(key)


def report(file: Path, **environ: str) -> "subprocess.CompletedProcess[str]":
    arguments = ["-p", "pkg.testutil.containers.plugin", "-p", "no:cacheprovider", "-rA"]
    return subprocess.run(
        [sys.executable, "-m", "pytest", "--import-mode=importlib", *arguments, str(file)],
        cwd=file.parent,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), **environ},
        stdout=subprocess.PIPE,
        text=True,
    )


def test_the_test_that_left_it_fails(file: tuple[Path, str]) -> None:
    """By its name, with what it has left; the next one does not."""
    path, key = file
    ended = report(path)
    assert ended.returncode == 1
    assert f"left key {key}" in ended.stdout
    told = [line.split(" ")[:2] for line in ended.stdout.splitlines() if "_test.py::" in line]
    assert ["ERROR", "forgetful_test.py::test_forgets"] in told
    assert ["PASSED", "forgetful_test.py::test_tidies"] in told
    assert ["ERROR", "forgetful_test.py::test_tidies"] not in told


def test_a_setting_makes_it_a_warning(file: tuple[Path, str]) -> None:
    """With the same words."""
    path, key = file
    ended = report(path, BERTH_LEAKS="warn")
    assert ended.returncode == 0
    assert f"left key {key}" in ended.stdout.partition("warnings summary")[2]
