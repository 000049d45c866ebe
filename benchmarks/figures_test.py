"""Medians, ratios and files are what they say."""

import json
from pathlib import Path

import pytest

from benchmarks import figures


def test_quartiles_enclose_the_median() -> None:
    assert figures.quartiles([5, 1, 4, 2, 3]) == (2, 3, 4)


def test_one_value_is_its_own_quartiles() -> None:
    assert figures.quartiles([7.0]) == (7.0, 7.0, 7.0)


def test_a_spread_has_the_median_first() -> None:
    assert figures.spread([1, 2, 3, 4, 5]) == "3 (2\N{EN DASH}4)"
    assert figures.spread([1, 2, 3, 4, 5], 1) == "3.0 (2.0\N{EN DASH}4.0)"
    assert figures.spread([]) == ""


def test_ratios_are_of_each_round() -> None:
    """The ratio of medians would mix rounds in which the machine was slow for one."""
    assert figures.ratios([1, 2], [3, 8]) == [3, 4]


def test_rounds_that_do_not_match_are_refused() -> None:
    with pytest.raises(ValueError, match="shorter"):
        figures.ratios([1, 2], [3])


def test_without_a_folder_nothing_is_written() -> None:
    """The one that Bazel runs a program in is nobody's."""
    assert figures.write(None, "x", {}) is None


def test_a_file_says_what_was_measured_on_what(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A relative folder is the caller's."""
    monkeypatch.setattr(figures, "machine", lambda: {"machine": {"processors": 2}})
    monkeypatch.setenv("BUILD_WORKING_DIRECTORY", str(tmp_path))
    file = figures.write(Path("out"), "x", {"milliseconds": [1.5]})
    assert file == tmp_path / "out" / "x.json"
    assert json.loads(file.read_text()) == {
        "benchmark": "x",
        "machine": {"processors": 2},
        "milliseconds": [1.5],
    }
