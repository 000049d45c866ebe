"""What a session of pytest does with harnesses: whose servers they get, and what reports tell."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

_FRESH = "pkg.dockertest.plugin"
_SHARED = "pkg.testutil.containers.plugin"
_TEXT = """
import pytest

from pkg.logs import Log
from pkg.testutil.harness import Harness

h = Harness.fixture()

def test_that_fails(h):
    h.logger.info("charged", cents=12)
    Log("pkg.shop").debug("asked the bank")
    assert False

def test_that_passes(h):
    h.logger.info("not told")

@pytest.fixture
def shop(h):
    h.logger.info("opened")
    return h

def test_with_much_to_tell(shop):
    for number in range(1, 50):
        shop.logger.info(f"number {number}")
    assert False

def test_of_servers(servers):
    print(type(servers).__name__)
"""


def session(folder: Path, *arguments: str, plugins: list[str], **environment: str) -> str:
    """What a session prints of tests in a file."""
    file = folder / "shop_test.py"
    file.write_text(_TEXT)
    loaded = [word for plugin in ["pkg.testutil.plugin", *plugins] for word in ("-p", plugin)]
    ended = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *loaded, *arguments, str(file)],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=50,
        check=False,
    )
    return ended.stdout


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What is printed of the tests without servers."""
    return session(tmp_path_factory.mktemp("shop"), "-k", "that or much", plugins=[])


def test_a_failed_tests_report_has_what_was_logged(told: str) -> None:
    """By the harness's logger and by the code under test; a test that passes tells nothing."""
    assert "2 failed, 1 passed" in told
    _, _, log = told.partition("log of Harness")
    assert '"charged", "cents": 12' in log
    assert '"asked the bank"' in log
    assert "not told" not in told


def test_what_was_logged_is_told_once(told: str) -> None:
    """Not by pytest as well; where another fixture gives the harness, too, and where it is much."""
    assert "Captured log" not in told
    assert told.count("log of Harness, the last 40 of 50 lines") == 1
    assert told.count("number 49") == 1
    assert "number 9" not in told


@pytest.mark.parametrize(
    ("plugins", "environment", "kind"),
    [
        ([_FRESH], {}, "Scope"),
        ([_SHARED], {}, "Containers"),
        ([_FRESH, _SHARED], {}, "Scope"),
        ([_SHARED, _FRESH], {}, "Scope"),
        ([_SHARED, _FRESH], {"BERTH_SERVERS": "shared"}, "Containers"),
        ([_FRESH, _SHARED], {"BERTH_SERVERS": "fresh"}, "Scope"),
    ],
)
def test_servers_are_the_plugins_and_of_both_the_fresh_ones(
    tmp_path: Path, plugins: list[str], environment: dict[str, str], kind: str
) -> None:
    told = session(tmp_path, "-s", "-k", "servers", plugins=plugins, **environment)
    assert "1 passed" in told
    assert f"{kind}\n" in told.replace(".", "\n")


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ("both", "BERTH_SERVERS=both: it must be fresh or shared"),
        ("shared", "BERTH_SERVERS=shared: load its plugin: -p pkg.testutil.containers.plugin"),
    ],
)
def test_a_choice_that_is_none_is_refused(tmp_path: Path, value: str, problem: str) -> None:
    assert problem in session(tmp_path, plugins=[_FRESH], BERTH_SERVERS=value)
