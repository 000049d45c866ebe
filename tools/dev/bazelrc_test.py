"""Our block in user.bazelrc comes and goes; the user's own lines stay as they are."""

from pathlib import Path

import pytest

from tools.dev import bazelrc
from tools.dev.bazelrc import Bazel

OWN_LINES = "# mine\ntest --local_resources=containers=9\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "user.bazelrc"


@pytest.mark.parametrize("choice", list(Bazel))
def test_what_is_written_is_read(file: Path, choice: Bazel) -> None:
    bazelrc.write(file, choice, ["common --a", "common --b"])
    assert bazelrc.read(file) is choice
    assert [line for line in file.read_text().splitlines() if line[0] != "#"] == [
        "common --a",
        "common --b",
    ]


def test_the_users_lines_stay_behind_ours(file: Path) -> None:
    """Behind: the last one wins in a bazelrc."""
    file.write_text(OWN_LINES)
    bazelrc.write(file, Bazel.TOOLBOX, ["common --a"])
    bazelrc.write(file, Bazel.TOOLBOX, ["common --b"])
    text = file.read_text()
    assert text.endswith("common --b\n# berth: end\n" + OWN_LINES)
    assert "--a" not in text


def test_a_second_write_of_the_same_touches_nothing(file: Path) -> None:
    """Bazel would take a new file for a change."""
    bazelrc.write(file, Bazel.OWN, [])
    before = file.stat()
    bazelrc.write(file, Bazel.OWN, [])
    assert file.stat().st_ino == before.st_ino


def test_removing_leaves_the_users_lines(file: Path) -> None:
    file.write_text(OWN_LINES)
    bazelrc.write(file, Bazel.OWN, ["common --a"])
    assert bazelrc.has_block(file)
    assert bazelrc.remove(file)
    assert file.read_text() == OWN_LINES
    assert not bazelrc.has_block(file)
    assert not bazelrc.remove(file)


def test_a_file_with_nothing_else_in_it_goes(file: Path) -> None:
    bazelrc.write(file, Bazel.OWN, [])
    assert bazelrc.remove(file)
    assert not file.exists()


@pytest.mark.parametrize(
    "text",
    [
        "",
        OWN_LINES,
        "# berth: bazel = own\n",
        "# berth: begin.\n# berth: bazel = none_such\n# berth: end\n",
        "# berth: begin.\n# berth: bazel = own\n",
    ],
)
def test_a_choice_that_is_not_in_a_whole_block_is_none(file: Path, text: str) -> None:
    """Then it is made again."""
    file.write_text(text)
    assert bazelrc.read(file) is None
    assert bazelrc.read(file.with_name("missing")) is None
