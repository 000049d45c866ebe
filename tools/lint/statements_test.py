from pathlib import Path

from pkg.testutil.current_clickhouse import CurrentClickHouse, Refused, current_clickhouse
from tools.lint.checkout import Checkout
from tools.lint.sample import sample
from tools.lint.statements import statements, violations

IMPORT = "from pkg.dockertest.clickhouse import ClickHouse\n"
TABLE = "TABLE = 'CREATE TABLE visits (id UInt32, page String) ENGINE = Memory'\n"
# What has been understood, and has no rows here or takes the memory that it is meant to take.
NO_ROWS, TOO_MUCH_MEMORY = 108, 241


class Engine:
    """Runs statements as the rule needs it, and knows how many there were."""

    def __init__(self, clickhouse: CurrentClickHouse) -> None:
        self.clickhouse = clickhouse
        self.seen: list[str] = []

    def query(self, sql: str) -> None:
        self.seen.append(sql)
        try:
            self.clickhouse.query(sql)
        except Refused as error:
            if error.code not in (NO_ROWS, TOO_MUCH_MEMORY):
                raise


def refused(folder: Path, text: str) -> list[str]:
    with current_clickhouse() as clickhouse:
        checkout = sample(folder, {"pkg/a.py": IMPORT + text})
        return violations(checkout, Engine(clickhouse).query)


def test_a_statement_that_is_no_longer_spoken_is_named(tmp_path: Path) -> None:
    """With file, line, and the engine's words. This is how a table was declared once."""
    old = "CREATE TABLE v (d Date, id UInt32) ENGINE = MergeTree(d, (id), 8192)"
    (line,) = refused(tmp_path, f"def a(client):\n    client.execute('{old}')\n")
    assert line.startswith(f"pkg/a.py:3: '{old}' on a current ClickHouse: Code: 36.")


def test_a_functions_statements_run_after_the_modules_and_alone(tmp_path: Path) -> None:
    """What is made in one is not there in the other; rows may come from elsewhere."""
    fine = (
        "def a(client):\n    client.execute('CREATE TABLE mine (id UInt8) ENGINE = Memory')\n"
        "    client.execute('INSERT INTO visits VALUES', [(1, 'a')])\n"
        "def b(client, since):\n"
        "    client.execute('CREATE TABLE mine (id UInt16) ENGINE = Memory')\n"
        "    client.execute('SELECT page FROM visits WHERE id >= %(since)s', {'since': since})\n"
    )
    assert refused(tmp_path / "fine", TABLE + fine) == []
    gone = "def c(client):\n    client.execute('SELECT nothing FROM visits')\n"
    (line,) = refused(tmp_path / "gone", TABLE + gone)
    assert line.startswith("pkg/a.py:4:")


def test_what_is_known_at_run_time_only_is_filled_in() -> None:
    text = IMPORT + "def a(client, name):\n    client.execute(f'DROP DATABASE IF EXISTS {name}')\n"
    assert [[one.sql for one in run] for run in statements(text)] == [["DROP DATABASE IF EXISTS x"]]


def test_docstrings_other_databases_files_and_what_says_so_are_left_out() -> None:
    assert statements(IMPORT + 'def a():\n    """Select what is new."""\n') == []
    assert statements("import redis\nA = 'SELECT 1'\n") == []
    assert statements(IMPORT + "import MySQLdb\nA = 'SELECT 1'\n") == []
    marked = "# Left out by //tools/lint:statements_test: old.\nA = 'SELECT 1'\n"
    assert statements(IMPORT + marked) == []


def test_all_that_is_sent_to_clickhouse_works_on_a_current_one() -> None:
    with current_clickhouse() as clickhouse:
        engine = Engine(clickhouse)
        found = violations(Checkout.declared(), engine.query)
    assert not found, "\n".join(found)
    assert "INSERT INTO visits VALUES (3, '/c')" in engine.seen
