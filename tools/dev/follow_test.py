"""A page is obeyed word by word, and what cannot be obeyed is named by its line."""

from pathlib import Path

import pytest

from tools.dev import follow
from tools.dev.follow import Step, Unfollowable

PAGE = """\
# Title

`a/b.txt`:

```text
one
three
```

Then:

`a/b.txt`:

```diff
 one
+two
 three
```

`a/b.txt`, at its end:

```text
four
```

```sh
cp a/b.txt copied
```
"""


def test_a_page_is_obeyed_in_its_order(tmp_path: Path) -> None:
    """A new file, a change in it, an addition, a command."""
    follow.follow(PAGE, tmp_path)
    assert (tmp_path / "copied").read_text() == "one\ntwo\nthree\nfour\n"


def test_a_block_has_its_line_and_place() -> None:
    assert follow.steps(PAGE)[2:] == [
        Step(22, "text", "four\n", "a/b.txt", True),
        Step(26, "sh", "cp a/b.txt copied\n"),
    ]


def test_a_block_for_no_file_is_named() -> None:
    """Nothing on the page is passed over."""
    with pytest.raises(Unfollowable, match="line 3: the line above the block names no file: So:"):
        follow.steps("So:\n\n```python\nx = 1\n```\n")


@pytest.mark.parametrize(
    ("step", "words"),
    [
        (Step(1, "text", "x\n", "here"), "line 1: here is there already"),
        (Step(2, "text", "x\n", "gone", True), "line 2: gone is not there"),
        (Step(3, "diff", " b\n+c\n", "here"), "line 3: here has the lines that change 0 times:\nb"),
        (Step(4, "diff", "-a\n", "here"), "2 times:\na"),
    ],
)
def test_a_file_that_is_not_as_the_page_says_is_named(
    step: Step, words: str, tmp_path: Path
) -> None:
    """It stays as it was."""
    (tmp_path / "here").write_text("a\na\nab\n")
    with pytest.raises(Unfollowable, match=words):
        follow.change(step, tmp_path)
    assert (tmp_path / "here").read_text() == "a\na\nab\n"


def test_a_first_line_can_be_changed(tmp_path: Path) -> None:
    (tmp_path / "here").write_text("a\nb\n")
    follow.change(Step(1, "diff", "-a\n+c\n b\n", "here"), tmp_path)
    assert (tmp_path / "here").read_text() == "c\nb\n"


def test_a_command_that_fails_ends_it(tmp_path: Path) -> None:
    """What comes after it is not done."""
    with pytest.raises(Unfollowable, match=r"line 1: exit 3: failed with status 3"):
        follow.follow("```sh\nexit 3\ntouch after\n```\n", tmp_path)
    assert not (tmp_path / "after").exists()


def test_only_tests_that_passed_for_the_service_count(tmp_path: Path) -> None:
    cases = (
        '<testcase name="a[x]"/><testcase name="b[x]"><failure/></testcase>'
        '<testcase name="c[x]"><skipped/></testcase><testcase name="a[y]"/>'
        '<testcase name="d[x]"><system-out/></testcase>'
    )
    (tmp_path / "t").mkdir()
    (tmp_path / "t" / "test.xml").write_text(f"<testsuites>{cases}</testsuites>")
    assert follow.passed("x", tmp_path) == 2
    follow.keep(tmp_path, tmp_path / "kept")
    assert follow.passed("y", tmp_path / "kept") == 1


def test_the_copy_goes_with_what_was_made_in_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also when following it fails; dev cleans up before."""
    dev = tmp_path / "dev"
    dev.write_text(f"#!/bin/sh\necho $* > {tmp_path}/cleaned\n")
    dev.chmod(0o755)
    monkeypatch.setattr(follow, "ROOT", tmp_path)
    monkeypatch.setattr(follow, "files", lambda: ["dev"])
    copies: list[Path] = []

    def fail() -> None:
        with follow.copy() as root:
            copies.append(root)
            assert (root / "dev").is_file()
            raise Unfollowable

    with pytest.raises(Unfollowable):
        fail()
    assert not copies[0].exists()
    assert (tmp_path / "cleaned").read_text() == "clean --yes\n"
