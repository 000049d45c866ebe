"""A filter that selects nothing anywhere is told from one that selects something."""

import json
from pathlib import Path

import pytest

from tools.dev import selected

EMPTY = "<testsuites><testsuite tests='0'/></testsuites>"
ONE = "<testsuites><testsuite tests='1'><testcase name='test_a'/></testsuite></testsuites>"


def events(folder: Path, *results: str) -> Path:
    """What Bazel writes, with one result for each test.xml."""
    lines: list[object] = [{"id": {"started": {}}, "started": {"command": "test"}}]
    for number, text in enumerate(results):
        xml = folder / f"target {number}" / "test.xml"
        xml.parent.mkdir()
        xml.write_text(text)
        outputs = [
            {"name": "test.log", "uri": "file:///x"},
            {"name": "test.xml", "uri": xml.as_uri()},
        ]
        lines.append({"id": {"testResult": {}}, "testResult": {"testActionOutput": outputs}})
    file = folder / "events.json"
    file.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    return file


@pytest.mark.parametrize(
    ("results", "expected"),
    [
        ([EMPTY], True),
        ([EMPTY, EMPTY], True),
        ([EMPTY, ONE], False),
        ([], False),  # Bazel says itself that it had nothing to test
        (["<testsui"], False),
    ],
)
def test_nothing_was_selected_if_all_results_are_empty(
    tmp_path: Path, results: list[str], expected: bool
) -> None:
    assert selected.nothing(events(tmp_path, *results)) == expected


@pytest.mark.parametrize("uri", ["bytestream://cache/blobs/1", "file:///nowhere/test.xml"])
def test_a_result_that_is_not_here_counts_as_one_with_tests(tmp_path: Path, uri: str) -> None:
    line = {"testResult": {"testActionOutput": [{"name": "test.xml", "uri": uri}]}}
    (tmp_path / "events.json").write_text(json.dumps(line))
    assert not selected.nothing(tmp_path / "events.json")


def test_where_bazel_wrote_nothing_it_has_not_come_to_testing(tmp_path: Path) -> None:
    assert not selected.nothing(tmp_path / "events.json")
