"""What is read from a report, and how results are shown, without a container."""

from typing import Any

import pytest

from benchmarks.api import handlers, main, table

_REPORT = """<testsuites><testsuite>
<testcase time="0.050"><properties><property name="handler" value="0.010"/></properties></testcase>
<testcase time="0.034"><properties><property name="handler" value="0.004"/></properties></testcase>
</testsuite></testsuites>"""


def test_a_handlers_own_work_is_not_counted() -> None:
    assert handlers.read(_REPORT) == [pytest.approx(40), pytest.approx(30)]


def test_what_is_aimed_at_is_beside_what_was_measured() -> None:
    results: dict[str, Any] = {
        "http": {
            "per_second": {table.EMPTY: [1000.0], table.VERIFY: [800.0]},
            "server_us": {table.EMPTY: [600.0], table.VERIFY: [800.0]},
        },
        "paced": {
            "per_second": {table.VERIFY: [400.0]},
            "p50_ms": {table.VERIFY: [1.0]},
            "p99_ms": {table.VERIFY: [3.0]},
        },
        "create": {"median_ms": [4.0], "p99_ms": [9.0], "round_trips": [2.0]},
        "tests": {table.ONE_SHARED: [41.0]},
    }
    text = "\n".join(table.lines(results)).replace("\N{EN DASH}", "-")
    shown = [" ".join(line.split()) for line in text.splitlines()]
    assert "verifyKey 800 (800-800) 0.80 (0.80-0.80) 800 (800-800) 0.75 (0.75-0.75)" in shown
    assert "verifyKey 400 (400-400) 1.00 (1.00-1.00) 3.00 (3.00-3.00)" in shown
    assert "createKey 4.00 (4.00-4.00) 9.00 (9.00-9.00) 2.00 (2.00-2.00)" in shown
    assert "one instance, shared servers 1 41 (41-41)" in shown
    for aim in ("0.5 of the empty route", "at most 10 ms", "at most 2 ", "at most 60 ms"):
        assert aim in text


def test_parts_that_were_not_measured_are_not_shown() -> None:
    assert table.lines({}) == []


@pytest.mark.parametrize("arguments", [["--parts", "x"], ["--rounds", "0"], ["--seconds", "0"]])
def test_an_argument_that_cannot_be_is_refused(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main.main(arguments)
    assert arguments[0] in capsys.readouterr().err
