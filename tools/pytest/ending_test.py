import signal
from pathlib import Path

import pytest

from pkg.testutil import eventually
from tools.pytest.nested import Ended, Nested

WAITS = """
import pathlib, threading
import pytest

@pytest.fixture
def thing():
    {setup}
    yield
    {teardown}
    pathlib.Path("torn_down").touch()

def test_waits(thing):
    {call}

def test_next():
    pathlib.Path("went_on").touch()
"""
WAIT = "pathlib.Path('waits').touch(); threading.Event().wait(60)"
STUBBORN = f"""
    try:
        {WAIT}
    except Exception:
        pass
"""


@pytest.fixture
def nested(tmp_path: Path) -> Nested:
    return Nested(tmp_path)


def terminate(nested: Nested, text: str, times: int = 1) -> Ended:
    """Runs the test file until it waits, sends it SIGTERM, and waits for its end."""
    process = nested.start(nested.write("pkg/a_test.py", text), TEST_TIMEOUT="60")
    eventually((nested.root / "waits").exists, within=20.0)
    for _ in range(times):
        process.send_signal(signal.SIGTERM)
    return nested.end(process)


@pytest.mark.parametrize("times", [1, 5])
@pytest.mark.parametrize("wait", [WAIT, STUBBORN])
def test_a_test_that_hangs_fails_where_it_was_and_is_torn_down(
    nested: Nested, times: int, wait: str
) -> None:
    ended = terminate(nested, WAITS.format(setup="", call=wait, teardown=""), times)
    assert ended.status == 2, ended.output
    assert "Current thread" in ended.output  # the dump of all threads
    assert "in test_waits" in ended.output
    (case,) = ended.suite()
    failure = case.find("failure")
    assert failure is not None
    assert "threading.Event().wait(60)" in (failure.text or "")
    assert failure.attrib["message"].endswith("ended by SIGTERM (its time limit is 60 s)")
    assert (nested.root / "torn_down").exists()
    assert not (nested.root / "went_on").exists()


def test_a_hanging_setup_is_an_error_of_its_test(nested: Nested) -> None:
    ended = terminate(nested, WAITS.format(setup=WAIT, call="pass", teardown=""))
    assert ended.status == 2, ended.output
    assert ended.suite().attrib["errors"] == "1"
    assert not (nested.root / "went_on").exists()


def test_a_hanging_teardown_is_an_error_of_its_test(nested: Nested) -> None:
    ended = terminate(nested, WAITS.format(setup="", call="pass", teardown=WAIT))
    assert ended.status == 2, ended.output
    assert ended.suite().attrib["errors"] == "1"
    assert not (nested.root / "went_on").exists()


def test_a_hanging_import_ends_the_session(nested: Nested) -> None:
    text = f"import pathlib, threading\n{WAIT}\n\ndef test_a(): pass\n"
    ended = terminate(nested, text)
    assert ended.status == 2, ended.output
    assert "Current thread" in ended.output
    assert ended.names() == []
