"""SQL files are run as they are written, and one that is refused is named with its line."""

import secrets
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from pkg.dockertest import SchemaFailed, Scope, Seed, checkout, engine
from pkg.dockertest.clickhouse import ClickHouse
from pkg.dockertest.engine import filters
from pkg.dockertest.mysql import MySQL, MySQLServer
from pkg.dockertest.snapshots.cleanup import Named, fresh, is_there, name_of, named
from pkg.testutil import eventually

__all__ = ["fresh", "named"]  # fixtures

MYSQL_FIRST = """\
-- A schema; with a semicolon in its comment.
# And another one;
/*!40101 SET @OLD_SQL_MODE = @@SQL_MODE */;
CREATE TABLE `odd;name` (
  id INT PRIMARY KEY AUTO_INCREMENT, -- the key;
  word VARCHAR(40) DEFAULT 'a;b' /* really; */ COMMENT 'it''s; \\' a comment'
);
CREATE TABLE log (line VARCHAR(80));;
DELIMITER //
CREATE TRIGGER noted AFTER INSERT ON `odd;name` FOR EACH ROW
BEGIN
  INSERT INTO log VALUES (CONCAT('new; ', NEW.word));
  INSERT INTO log VALUES ("//".);
END//
DELIMITER ;
""".replace('("//".)', "(';')")
MYSQL_SECOND = """\
delimiter $$
CREATE PROCEDURE add_word(IN w VARCHAR(40))
BEGIN
  SELECT 1; SELECT 2;
  INSERT INTO `odd;name` (word) VALUES (w);
END $$
delimiter ;
CALL add_word('żółw; 🐢');
INSERT INTO `odd;name` (word) VALUES ("100 %s; %");
SET GLOBAL max_connections = 77"""


def query(server: MySQLServer, statement: str) -> Any:
    with closing(server.client()) as connection, connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall()


def test_mysql_runs_what_its_command_line_would(named: Named, fresh: Scope, tmp_path: Path) -> None:
    """Two files of a folder: odd names, comments, delimiters, triggers, procedures with results."""
    (tmp_path / "01.sql").write_text(MYSQL_FIRST.replace("\n", "\r\n"))
    (tmp_path / "02.sql").write_text(f"\ufeff-- {secrets.token_hex(8)}\n{MYSQL_SECOND}")
    value = MySQL(database="shop", schema=tmp_path)
    named(value)
    server = fresh.start(value)
    assert query(server, "SELECT word FROM `odd;name` ORDER BY id") == (
        ("żółw; 🐢",),
        ("100 %s; %",),
    )
    assert query(server, "SELECT line FROM log") == (
        ("new; żółw; 🐢",),
        (";",),
        ("new; 100 %s; %",),
        (";",),
    )
    columns = "FROM information_schema.COLUMNS WHERE TABLE_NAME = 'odd;name'"
    assert query(
        server, f"SELECT COLUMN_DEFAULT, COLUMN_COMMENT {columns} AND ORDINAL_POSITION = 2"
    ) == (("a;b", "it's; ' a comment"),)


def migrate(server: MySQLServer) -> None:
    """Stands for a project's migrations."""
    query(server, "CREATE TABLE a (w TEXT)")


def test_mysql_s_flags_hold_for_a_function(named: Named, fresh: Scope) -> None:
    """What they make is in the snapshot, too: here a binary log."""
    schema = Seed(migrate, version=secrets.token_hex(8))
    value = MySQL(flags=["--log-bin=binlog", "--server-id=1"], schema=schema)
    named(value)
    server = fresh.start(value)
    assert query(server, "SELECT @@log_bin") == ((1,),)
    assert query(server, "SELECT COUNT(*) FROM a") == ((0,),)


def test_clickhouse_runs_one_statement_after_another(
    named: Named, fresh: Scope, tmp_path: Path
) -> None:
    """In a session of their own for each file, with the data of an INSERT as it is written."""
    (tmp_path / "a.sql").write_text(
        f"-- {secrets.token_hex(8)};\n"
        "SET max_threads = 1;\n"
        "CREATE TABLE words (id UInt32, word String) -- two; columns\n"
        "  ENGINE = MergeTree ORDER BY id;\n"
        "INSERT INTO words VALUES (1, 'a;b'), (2, 'it\\'s; ''fine''');\n"
        'INSERT INTO words FORMAT JSONEachRow {"id": 3, "word": "żółw; 🐢"}\n;\n'
        "CREATE VIEW shown AS SELECT word FROM words WHERE word != '/*;'"
    )
    value = ClickHouse(database="events", schema=[tmp_path / "a.sql"])
    named(value)
    with fresh.start(value).client() as client:
        assert client.execute("SELECT id, word FROM words ORDER BY id") == [
            (1, "a;b"),
            (2, "it's; 'fine'"),
            (3, "żółw; 🐢"),
        ]
        assert client.execute("SELECT count() FROM shown") == [(3,)]


@pytest.mark.parametrize(
    ("kind", "says"), [(MySQL, "error in your SQL syntax"), (ClickHouse, "Syntax error")]
)
def test_a_statement_that_is_refused_is_named(
    fresh: Scope, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: Any, says: str
) -> None:
    """File, line, statement, what the server says; and nothing is left of the attempt.

    The file's path is that in the checkout, where Bazel runs the test.
    """
    monkeypatch.setenv("TEST_SRCDIR", str(tmp_path))
    monkeypatch.setenv("TEST_WORKSPACE", "_main")
    wrong = tmp_path / "_main" / "pkg" / "shop" / "wrong.sql"
    wrong.parent.mkdir(parents=True)
    long = "x" * 300
    wrong.write_text(f"SELECT 1;\n-- {secrets.token_hex(8)}\n\nCREATE TABEL t (\n '{long}'\n);")
    value = kind(schema=wrong)
    before = things()
    with pytest.raises(SchemaFailed, match=says) as caught:
        fresh.start(value)
    error = caught.value
    assert (error.file, error.line) == (wrong, 4)
    assert error.statement == f"CREATE TABEL t (\n '{long}"[:200] + "…"
    assert "…): pkg/shop/wrong.sql, line 4: the server refused this:\n  CREATE TABEL" in str(error)
    assert long not in str(error).partition("it says")[0]
    assert not is_there(name_of(value))

    def nothing_is_left() -> None:
        assert things() - before == set()

    eventually(nothing_is_left)


def things() -> set[str]:
    """This process's containers and volumes."""
    at = engine.connect()
    mine = f"berth.owner={checkout.owner()}"
    volumes = at.request("GET", "/volumes", {"filters": filters(label=[mine])})["Volumes"] or []
    containers = {name for one in at.containers(mine) for name in one["Names"]}
    return containers | {one["Name"] for one in volumes}
