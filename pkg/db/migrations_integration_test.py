"""A database has had each migration once, or somebody is told by name."""

import signal
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import text

from pkg.db import Database, MigrationError, TimedOut, Unavailable, migrate, pending
from pkg.db.given import IMPATIENT, database
from pkg.dockertest import Scope
from pkg.dockertest.mysql import MySQL, MySQLServer
from pkg.testutil import eventually
from pkg.testutil.processes import line, python

FIRST = """
-- Words; with a comment.
CREATE TABLE words (id INT PRIMARY KEY AUTO_INCREMENT, word VARCHAR(40) NOT NULL);
INSERT INTO words (word) VALUES ('a;b'), ('100 % :of %s'), ('żółw 🐢');
"""
SECOND = """
DELIMITER //
CREATE PROCEDURE add_word(IN w VARCHAR(40)) BEGIN
  SELECT 1; INSERT INTO words (word) VALUES (w);
END//
DELIMITER ;
CALL add_word('called');
"""
PROCESS = """
import sys
from pathlib import Path
from pkg.clock import SystemClock
from pkg.db import Config, Database, Server, migrate

host, port, user, password, name, folder = sys.argv[1:]
server = Server(host=host, port=int(port), user=user, password=password, database=name)
print("ready", flush=True)
sys.stdin.readline()
print(*migrate(Database(Config(primary=server), clock=SystemClock()), Path(folder)), flush=True)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two migrations."""
    (tmp_path / "0001_words.sql").write_text(FIRST)
    (tmp_path / "0002_add_word.sql").write_text(SECOND)
    return tmp_path


def words(db: Database) -> list[str]:
    with db.read() as connection:
        return list(connection.scalars(text("SELECT word FROM words ORDER BY id")))


def run(db: Database, statement: str) -> None:
    with db.read() as connection:
        connection.execute(text(statement))


def arguments(server: MySQLServer, folder: Path) -> list[str]:
    facts = [server.host, str(server.port), server.user, server.password, server.database]
    return [*facts, str(folder)]


def test_each_file_is_applied_once(dockertest: Scope, folder: Path) -> None:
    """In order; what is pending is told before, and changes nothing."""
    with database(dockertest.start(MySQL())) as db:
        names = ["0001_words.sql", "0002_add_word.sql"]
        assert pending(db, folder) == names
        assert pending(db, folder) == names
        assert migrate(db, folder) == names
        assert words(db) == ["a;b", "100 % :of %s", "żółw 🐢", "called"]
        assert pending(db, folder) == []
        assert migrate(db, folder) == []
        (folder / "0003_more.sql").write_text("INSERT INTO words (word) VALUES ('more')")
        assert migrate(db, folder) == ["0003_more.sql"]
        assert words(db)[-1] == "more"


def test_the_files_are_those_of_a_tests_schema(dockertest: Scope, folder: Path) -> None:
    """A server that was started with them has the same tables."""
    migrated, given = dockertest.start(MySQL(), MySQL(schema=folder))
    with database(migrated) as one, database(given) as other:
        migrate(one, folder)
        assert words(one) == words(other)


def test_processes_that_migrate_at_once_do_it_once(dockertest: Scope, folder: Path) -> None:
    """One does, the others wait and find it done."""
    server = dockertest.start(MySQL())
    given = arguments(server, folder)
    with (
        python(PROCESS, *given) as one,
        python(PROCESS, *given) as two,
        python(PROCESS, *given) as three,
    ):
        processes = (one, two, three)
        assert [line(process) for process in processes] == ["ready"] * 3
        for process in processes:
            assert process.stdin
            process.stdin.write("go\n")
            process.stdin.flush()
        said = sorted(line(process) for process in processes)
    assert said == ["", "", "0001_words.sql 0002_add_word.sql"]
    with database(server) as db:
        assert words(db) == ["a;b", "100 % :of %s", "żółw 🐢", "called"]


def test_one_that_waits_for_too_long_is_told_for_whom(dockertest: Scope, folder: Path) -> None:
    """By the number of the server's connection."""
    server = dockertest.start(MySQL())
    (folder / "0003_slow.sql").write_text("DO SLEEP(6)")
    with database(server) as db, ThreadPoolExecutor(1) as pool:
        slow = pool.submit(migrate, db, folder)
        eventually(lambda: "called" in words(db) if has_table(db) else False)
        with pytest.raises(TimedOut, match=r"connection \d+ has it: see SHOW PROCESSLIST"):
            migrate(db, folder, wait=1)
        assert len(slow.result()) == 3


def has_table(db: Database) -> bool:
    with db.read() as connection:
        return bool(connection.scalars(text("SHOW TABLES LIKE 'words'")).all())


def test_a_changed_file_is_refused_by_name(dockertest: Scope, folder: Path) -> None:
    """Nothing is applied then, also not what is new. Ends of lines are no change."""
    with database(dockertest.start(MySQL())) as db:
        migrate(db, folder)
        (folder / "0001_words.sql").write_bytes(FIRST.replace("\n", "\r\n").encode())
        assert pending(db, folder) == []
        (folder / "0001_words.sql").write_text(f"{FIRST}-- changed\n")
        (folder / "0003_new.sql").write_text("CREATE TABLE new (id INT)")
        for do in (migrate, pending):
            with pytest.raises(MigrationError, match=r"0001_words\.sql is not the file that was"):
                do(db, folder)


def test_a_file_that_comes_late_is_refused_by_name(dockertest: Scope, folder: Path) -> None:
    """One below the last that was applied."""
    with database(dockertest.start(MySQL())) as db:
        migrate(db, folder)
        run(db, "DELETE FROM migrations WHERE number = 1")
        with pytest.raises(MigrationError, match=r"0001_words\.sql was not applied, but 0002_add"):
            migrate(db, folder)


def test_an_older_program_runs_on_a_newer_schema(dockertest: Scope, folder: Path) -> None:
    """What the database had after the folder's last file is not looked at."""
    with database(dockertest.start(MySQL())) as db:
        migrate(db, folder)
        (folder / "0002_add_word.sql").unlink()
        assert migrate(db, folder) == []
        assert pending(db, folder) == []


def test_a_file_whose_first_statement_fails_was_not_begun(dockertest: Scope, folder: Path) -> None:
    """File, line, statement and the server's words are told; mended, it is applied."""
    third = folder / "0003_wrong.sql"
    third.write_text("\n\nCREATE TABEL new (id INT);")
    with database(dockertest.start(MySQL())) as db:
        for _ in range(2):
            with pytest.raises(MigrationError) as caught:
                migrate(db, folder)
        said = str(caught.value)
        assert "0003_wrong.sql, line 3: this failed:\n  CREATE TABEL new (id INT)\n" in said
        assert "You have an error in your SQL syntax" in said
        assert "nothing of the file was done: mend it" in said
        third.write_text("CREATE TABLE new (id INT);")
        assert migrate(db, folder) == ["0003_wrong.sql"]


def test_a_file_that_fails_in_its_midst_stops_all(dockertest: Scope, folder: Path) -> None:
    """By name, with the statements that bring it on: the rest by hand, or all undone."""
    third = folder / "0003_wrong.sql"
    third.write_text("CREATE TABLE new (id INT);\nCREATE TABEL newer (id INT);\n")
    with database(dockertest.start(MySQL())) as db:
        for _ in range(2):
            with pytest.raises(MigrationError) as caught:
                migrate(db, folder)
        said = str(caught.value)
        assert "0003_wrong.sql is half applied: 1 of its 2 statements are done" in said
        assert "at line 2" in said
        delete = said[said.index("DELETE") :]
        run(db, "DROP TABLE new")
        run(db, delete)
        third.write_text("CREATE TABLE new (id INT);\nCREATE TABLE newer (id INT);\n")
        assert migrate(db, folder) == ["0003_wrong.sql"]


@pytest.mark.parametrize("killed", ["process", "server"])
def test_a_migration_killed_halfway_is_told_by_name(
    dockertest: Scope, folder: Path, killed: str
) -> None:
    """The next one stops at it; finished by hand, all goes on."""
    server = dockertest.start(MySQL())
    (folder / "0003_half.sql").write_text(
        "CREATE TABLE half (id INT); DO SLEEP(20); CREATE TABLE other (id INT)"
    )
    with database(server, timeouts=IMPATIENT) as db:
        with python(PROCESS, *arguments(server, folder)) as process:
            assert line(process) == "ready"
            assert process.stdin
            process.stdin.write("go\n")
            process.stdin.flush()
            eventually(lambda: is_halfway(db))
            if killed == "process":
                process.send_signal(signal.SIGKILL)
            else:
                server.container.kill()
                server.container.restart()
            process.wait(15)

        stopped = eventually(lambda: refusal(db, folder), within=30)
        assert "0003_half.sql is half applied: 1 of its 3" in stopped
        run(db, "CREATE TABLE other (id INT)")
        run(db, "UPDATE migrations SET ended_at = NOW(3) WHERE number = 3")
        assert migrate(db, folder) == []


def is_halfway(db: Database) -> bool:
    with db.read() as connection:
        if not connection.scalars(text("SHOW TABLES LIKE 'migrations'")).all():
            return False
        return bool(connection.scalar(text("SELECT done FROM migrations WHERE number = 3")))


def refusal(db: Database, folder: Path) -> str:
    """What stops them; nothing while the server is away, or who was killed has the lock."""
    try:
        migrate(db, folder, wait=0)
    except MigrationError as error:
        return str(error)
    except Unavailable:
        return ""
    raise AssertionError("nothing stops them")
