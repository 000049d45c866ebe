"""dev finds the benchmarks, and knows where their results are wanted."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from tools.dev import bench
from tools.dev.problem import Problem


def test_a_program_is_a_benchmark_and_a_library_is_none(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text('"""One.\n\nMore.\n"""\ndef main(): ...\n')
    (tmp_path / "library.py").write_text('"""None."""\ndef other(): ...\n')
    (tmp_path / "a_test.py").write_text('"""None."""\ndef main(): ...\n')
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "main.py").write_text('"""Two."""\ndef main(): ...\n')
    (tmp_path / "b" / "part.py").write_text('"""None."""\ndef main(): ...\n')
    assert bench.benchmarks(tmp_path) == {"a": "One.", "b": "Two."}


def test_each_has_a_line() -> None:
    lines = bench.listed({"a": "One.", "longer": "Two."})
    assert lines[2:] == ["  a       One.", "  longer  Two."]


@pytest.mark.parametrize("words", [["--out", "there"], ["--out=there"]])
def test_the_folder_for_results_is_the_callers(words: list[str]) -> None:
    given = ["--rounds", "3", *words, "--quick"]
    wanted = (["--rounds", "3", "--quick"], Path("/here/there"))
    assert bench.without_out(given, Path("/here")) == wanted


def test_without_a_folder_the_benchmark_knows_its_own() -> None:
    assert bench.without_out(["--quick"], Path("/here")) == (["--quick"], None)


def test_an_option_without_its_value_is_refused() -> None:
    with pytest.raises(Problem, match="--out needs a directory"):
        bench.without_out(["--out"], Path("/here"))


def test_results_of_a_call_from_elsewhere_are_where_the_caller_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And not in the checkout."""
    root, elsewhere = tmp_path / "checkout", tmp_path / "elsewhere"
    (root / "benchmarks").mkdir(parents=True)
    (root / "benchmarks" / "a.py").write_text('"""One."""\ndef main(): ...\n')
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)

    def run_bazel(command: list[str], _directory: Path, then: bool) -> int:
        Path(command[-1], "a.json").touch()
        return 0

    session = SimpleNamespace(
        checkout=SimpleNamespace(root=root, cache=tmp_path / "cache"),
        directory=lambda: root,
        ready=lambda: None,
        run_bazel=run_bazel,
    )
    monkeypatch.setattr(bench, "Session", lambda: session)
    assert bench.run("bench", ["a", "--out", "there"]) == 0
    assert (elsewhere / "there" / "a.json").exists()
