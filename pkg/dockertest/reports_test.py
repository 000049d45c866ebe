"""A failed test's report has the line that called us and the error's words, and little else."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

TESTS = """
import pytest
from pkg.dockertest import SchemaFailed, Scope
from pkg.dockertest.redis import Redis
from pkg.testutil.containers import Containers
from pkg import dockertest


def test_option():
    Redis(maxmemory_mb=1024)


def test_engine():
    with dockertest.scope() as scope:
        scope.start(Redis(), Redis())


def test_tenant():
    with Containers() as containers:
        containers.start(Redis())


def test_cause():
    try:
        {}["users"]
    except KeyError as error:
        raise SchemaFailed("no users") from error


def test_class():
    dockertest.scope().start(Redis)


def test_list():
    with Containers() as containers:
        containers.start([Redis(), Redis()])


def test_raw():
    with Containers() as containers:
        containers.raw(Redis)


def test_name():
    dockertest.scope().start("redis")


@pytest.mark.services(Redis(), Redis)
def test_mark():
    pass


def test_other():
    Scope(lambda: 1 // 0).start(Redis())
"""
NOWHERE = "unix:///nowhere/docker.sock"


def output(folder: Path, *arguments: str) -> str:
    """What pytest prints of the tests, where no engine is."""
    file = folder / "some_test.py"
    file.write_text(TESTS)
    ended = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *arguments, str(file)],
        cwd=folder,
        env={
            **os.environ,
            "DOCKER_HOST": NOWHERE,
            "PYTHONPATH": os.pathsep.join(sys.path),
        },
        stdout=subprocess.PIPE,
        text=True,
    )
    return ended.stdout


@pytest.mark.parametrize("plugin", ["pkg.dockertest.plugin", "pkg.testutil.containers.plugin"])
def test_a_report_is_short(tmp_path: Path, plugin: str) -> None:
    """In both tiers, where a cause is our own one; another's is told, and so are other errors."""
    said = output(tmp_path, "-p", plugin)
    _, *parts = re.split(r"^_{3,} (test_\w+) _{3,}$", said, flags=re.MULTILINE)
    reports = dict(zip(parts[::2], parts[1::2], strict=True))
    for name, words in (
        ("test_option", "InvalidOption: Redis(maxmemory_mb=1024): "),
        ("test_engine", f"EngineUnavailable: no Docker Engine answers at {NOWHERE} "),
        ("test_tenant", f"EngineUnavailable: no Docker Engine answers at {NOWHERE} "),
        (
            "test_class",
            "WrongArgument: start(Redis): a class needs its parentheses: start(Redis())",
        ),
        ("test_list", "WrongArgument: start([Redis("),
        ("test_raw", "WrongArgument: raw(Redis): a class needs its parentheses: raw(Redis())"),
        ("test_name", "WrongArgument: start() takes services such as Redis(), and not 'redis'"),
    ):
        assert words in reports[name]
        assert len(reports[name].splitlines()) < 12, reports[name]
        assert f"::{name} - {words.partition(':')[0]}: " in said
    assert "KeyError: 'users'" in reports["test_cause"]
    assert "scopes.py" in reports["test_other"]
    assert "an asterisk, start(*services)" in reports["test_list"]


def test_a_wrong_mark_is_one_line(tmp_path: Path) -> None:
    """It is said before the test, so that there is no line of the test's to show."""
    said = output(tmp_path, "-p", "pkg.dockertest.plugin", "-k", "test_mark")
    assert "@pytest.mark.services(Redis): a class needs its parentheses: services(Redis())" in said
    assert "1 error" in said
    assert len(said.splitlines()) < 20, said


def test_everything_is_told_on_demand(tmp_path: Path) -> None:
    """With -vv, and with --full-trace."""
    for option in ("-vv", "--full-trace"):
        said = output(tmp_path, "-p", "pkg.dockertest.plugin", "-k", "test_engine", option)
        assert "endpoint.py" in said
        assert "FileNotFoundError" in said
