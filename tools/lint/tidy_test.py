from pathlib import Path

import pytest

from tools.lint.checkout import Checkout
from tools.lint.sample import sample
from tools.lint.tidy import MOST_LINES, broken_links, long_files, sleeps, wall_clocks


@pytest.mark.parametrize(
    "text",
    [
        "import time\ntime.sleep(1)",
        "import pytest\nfrom time import sleep",
        "import time\nwait = time.sleep",
    ],
)
def test_a_sleep_in_a_test_is_named(tmp_path: Path, text: str) -> None:
    (line,) = sleeps(sample(tmp_path, {"pkg/a_test.py": text}))
    assert line.startswith("pkg/a_test.py:2: time.sleep in a test: use pkg.testutil.eventually")


def test_a_sleep_elsewhere_is_fine(tmp_path: Path) -> None:
    files = {"pkg/a.py": "import time\ntime.sleep(1)", "pkg/a_test.py": "'time.sleep(1)'"}
    assert sleeps(sample(tmp_path, files)) == []


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("import time\ntime.sleep(1)", "time.sleep"),
        ("import asyncio\nfrom time import monotonic", "time.monotonic"),
        ("import datetime\ndatetime.datetime.now()", "datetime.now"),
        ("from datetime import datetime\ndatetime.now()", "datetime.now"),
        ("from datetime import date\ndate.today()", "date.today"),
        ("import time\ntime.perf_counter()", ""),
        ("self = None\nself.clock.now()", ""),
    ],
)
def test_a_wall_clock_in_what_is_tested_is_named(tmp_path: Path, text: str, what: str) -> None:
    """In libraries and services; their tests, the clock itself and dockertest need the real one."""
    found = wall_clocks(sample(tmp_path, {"pkg/cache/a.py": text, "services/a/b.py": text}))
    assert [line.split(": ")[1] for line in found] == [what] * 2 if what else found == []
    others = ("pkg/clock/a.py", "pkg/dockertest/a.py", "pkg/cache/a_test.py", "tools/dev/a.py")
    assert wall_clocks(sample(tmp_path / "others", dict.fromkeys(others, text))) == []


def test_a_long_file_is_named(tmp_path: Path) -> None:
    files = {"a.c": "\n" * (MOST_LINES + 1), "b.c": "\n" * MOST_LINES}
    (line,) = long_files(sample(tmp_path, files))
    assert line == f"a.c: {MOST_LINES + 1} lines, at most {MOST_LINES}: split it by subject"


def test_a_link_that_leads_nowhere_is_named(tmp_path: Path) -> None:
    text = "[a](gone.md) [b](../pkg/here.py#L1) [c](https://x.test) [d](#e) `[f](g.md)`"
    (line,) = broken_links(sample(tmp_path, {"docs/a.md": text, "pkg/here.py": ""}))
    assert line.startswith("docs/a.md: the link to gone.md leads nowhere")


def test_a_link_out_of_the_checkout_is_named(tmp_path: Path) -> None:
    assert broken_links(sample(tmp_path / "in", {"a.md": "[a](../b.md)"}))


def test_no_test_sleeps() -> None:
    assert sleeps(Checkout.declared()) == []


def test_time_comes_from_a_clock() -> None:
    assert wall_clocks(Checkout.declared()) == []


def test_no_file_is_too_long() -> None:
    assert long_files(Checkout.declared()) == []


def test_every_link_leads_somewhere() -> None:
    assert broken_links(Checkout.declared()) == []
