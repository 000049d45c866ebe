"""What is counted, and how it is shown, without a container."""

from typing import Any

import pytest

from benchmarks import machine
from benchmarks.dockertest import main, processor, table
from benchmarks.dockertest.rounds import rounds
from benchmarks.dockertest.suite import FRESH, RIVAL, SHARED, Run, each
from benchmarks.dockertest.way import Started, Way

_STAT = "cpu  100 1 50 900 40 2 3 7 0 0\ncpu0 1 1 1 1 1 1 1 1 0 0\n"


def _way(name: str, fails: bool = False) -> Way:
    def start(_service: str) -> Started:
        if fails:
            raise OSError("broken")
        return Started(None, lambda: None, lambda: None)

    return Way(name, start)


def _time(ready: float) -> dict[str, float]:
    return {"start": ready - 1, "ready": ready, "end": 0.04}


def test_idle_waiting_and_stolen_time_is_not_busy() -> None:
    assert processor.busy(_STAT) == 100 + 1 + 50 + 2 + 3


def test_the_first_round_is_not_counted() -> None:
    said: list[str] = []
    measured = rounds("redis", [_way("a"), _way("b")], 4, 60.0, said.append)
    assert ({name: len(of) for name, of in measured.items()}, said) == ({"a": 4, "b": 4}, [])


def test_time_that_is_up_ends_the_rounds_but_three() -> None:
    assert len(rounds("redis", [_way("a")], 9, 0.0, print)["a"]) == 3


def test_a_way_that_fails_is_left_out_and_named() -> None:
    said: list[str] = []
    measured = rounds("redis", [_way("a"), _way("b", fails=True)], 2, 60.0, said.append)
    assert list(measured) == ["a"]
    assert said == ["redis: b is left out: OSError: broken"]


def test_a_suite_that_is_not_run_as_a_whole_is_reckoned() -> None:
    """pytest's start and the imports, 2 s here, are there once."""
    assert Run(tests=20, of=200, seconds=12.0, each=0.5).scaled == 102.0
    assert Run(tests=200, of=200, seconds=12.0, each=0.5).scaled == 12.0


def test_the_first_test_of_a_suite_is_not_what_each_takes() -> None:
    """It imports what all need."""
    times = "".join(f'<testcase time="{time}"/>' for time in (9.0, 1.0, 3.0, 2.0))
    assert each(f"<testsuites><testsuite>{times}</testsuite></testsuites>") == 2.0
    assert each('<testsuites><testsuite><testcase time="9"/></testsuite></testsuites>') == 9.0


def test_what_is_aimed_at_is_beside_what_was_measured() -> None:
    run = {"tests": 200, "of": 200, "seconds": 2.0, "each": 0.01, "scaled": 2.0}
    results: dict[str, Any] = {
        "ready": {"redis": {"new container": [_time(200.0)], "respawned slot": [_time(10.0)]}},
        "sustained": {"redis": {"respawned slot": 61.0}},
        "suite": {
            "Redis": {
                SHARED: run,
                FRESH: {**run, "scaled": 5.0},
                RIVAL: {**run, "tests": 20, "scaled": 80.0},
            }
        },
    }
    lines = [" ".join(line.split()) for line in table.lines(results)]
    assert "Redis 1 200 (200\N{EN DASH}200) 10 (10\N{EN DASH}10) 20" in lines
    assert "Redis 20.0 (20.0\N{EN DASH}20.0)" in lines
    assert "Redis 61.00 60" in lines
    assert "Redis: 2.5 times shared; aim: at most 3" in lines
    (reckoned,) = [line for line in lines if line.startswith(f"Redis, {RIVAL}")]
    assert reckoned.split() == ["Redis,", RIVAL, "80.0*", "400", "40.0", "20", "run"]


def test_parts_that_were_not_measured_are_not_shown() -> None:
    assert table.lines({"sources": {}, "failed": []}) == []


@pytest.mark.parametrize("part", main.PARTS)
def test_nothing_begins_when_the_time_is_over(part: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is left out is named, so that nobody takes it for measured."""
    monkeypatch.setattr(machine, "source_image", lambda service: service)
    results = main.run(["redis"], [part], main.Size(rounds=1, until=0.0))
    assert results["failed"]
    assert all("is left out: the run has taken too long" in text for text in results["failed"])
    assert not any(results[part].values())


@pytest.mark.parametrize("arguments", [["--only", "mongo"], ["--parts", "x"], ["--rounds", "0"]])
def test_an_argument_that_cannot_be_is_refused(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main.main(arguments)
    assert f"{arguments[0]} {arguments[1]}: " in capsys.readouterr().err
