"""The closing line counts each test once, and no failure gets lost."""

from pathlib import Path

import pytest

from tools.dev import tally

PASSED = '<testcase classname="a" name="good"/>'
FAILED = '<testcase classname="a" name="bad"><failure message="no"/></testcase>'
BROKEN = '<testcase classname="a" name="broken"><error message="no"/></testcase>'
SKIPPED = '<testcase classname="a" name="later"><skipped message="no tool"/></testcase>'


def write(logs: Path, name: str, *cases: str) -> None:
    file = logs / name / "test.xml"
    file.parent.mkdir(parents=True)
    file.write_text(f"<testsuites><testsuite>{''.join(cases)}</testsuite></testsuites>")


def test_shards_are_summed_and_attempts_are_not(tmp_path: Path) -> None:
    """A flaky target's first attempt is not its result."""
    write(tmp_path, "pkg/a/shard_1_of_2", PASSED)
    write(tmp_path, "pkg/a/shard_2_of_2", PASSED, PASSED)
    write(tmp_path, "pkg/b/test_attempts/attempt_1", FAILED)
    assert tally.count(tally.results(tmp_path)) == tally.Tally(3)


def test_failed_and_skipped_tests_are_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The last line is the count; the exit status says that something failed."""
    write(tmp_path, "a", PASSED, FAILED, BROKEN, SKIPPED)
    assert tally.main([str(tmp_path)]) == 1
    assert capsys.readouterr().out.splitlines() == [
        "skipped: a::later: no tool",
        "failed: a::bad",
        "failed: a::broken",
        "1 passed, 2 failed",
    ]


def test_a_cut_off_result_is_a_failure(tmp_path: Path) -> None:
    """A test that was killed while it wrote has not passed."""
    (tmp_path / "test.xml").write_text("<testsuites><testsu")
    (name,) = tally.count(tally.results(tmp_path)).failed
    assert "test.xml" in name


def test_no_result_at_all_is_a_failure(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An empty folder proves nothing."""
    assert tally.main([str(tmp_path)]) == 1
    assert capsys.readouterr().out.splitlines() == [
        f"no test ran: {tmp_path} has no test.xml",
        "0 passed, 0 failed",
    ]


def test_several_folders_are_summed_and_each_must_have_tests(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A workspace whose tests did not run is not hidden by another's that did."""
    folders = [str(tmp_path / name) for name in ("one", "two", "three")]
    write(tmp_path, "one/a", PASSED)
    write(tmp_path, "two/a", PASSED, PASSED)
    assert tally.main(folders[:2]) == 0
    assert capsys.readouterr().out == "3 passed, 0 failed\n"
    assert tally.main(folders) == 1
    assert capsys.readouterr().out.splitlines() == [
        f"no test ran: {tmp_path}/three has no test.xml",
        "3 passed, 0 failed",
    ]
