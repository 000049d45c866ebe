"""`dev`, the entry script, finds its checkout and a Python, or says what to install."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# As pyenv's does. A shell without a working directory names none.
SHIM = f'#!/bin/sh\n[ -n "$(pwd -P 2>/dev/null)" ] || exit 1\nexec {sys.executable} "$@"\n'
OLD = '#!/bin/sh\n[ "$1" = --version ] && echo Python 3.9.2 && exit\nexit 1\n'


def run(
    *command: str | Path, directory: Path | None = None, path: str | None = None
) -> "subprocess.CompletedProcess[str]":
    found = path or f"{Path(sys.executable).parent}:{os.defpath}"
    return subprocess.run(
        [str(part) for part in command],
        cwd=directory,
        env={"PATH": found, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
    )


@pytest.fixture
def tools(tmp_path: Path) -> Path:
    """A PATH with what the script itself uses, and no Python."""
    directory = tmp_path / "bin"
    directory.mkdir()
    for name in ("sh", "dirname", "readlink", "cat"):
        program = shutil.which(name, path=os.defpath)
        assert program
        (directory / name).symlink_to(program)
    return directory


def assert_usage(done: "subprocess.CompletedProcess[str]") -> None:
    assert done.stdout.startswith("usage: ./dev COMMAND\n"), done.stderr
    assert (done.returncode, done.stderr) == (0, "")


def test_it_runs_from_anywhere(tmp_path: Path) -> None:
    assert_usage(run(ROOT / "dev", directory=tmp_path))
    assert_usage(run("./dev", directory=ROOT))
    assert_usage(run("../../dev", directory=ROOT / "tools/dev"))
    assert_usage(run("sh", "dev", directory=ROOT))


def test_it_runs_by_a_link(tmp_path: Path) -> None:
    """A link to a link, one of them relative."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "far").symlink_to(ROOT / "dev")
    (tmp_path / "bin/near").symlink_to("../far")
    assert_usage(run(tmp_path / "bin/near"))
    assert_usage(run("./near", directory=tmp_path / "bin"))
    assert_usage(run("near", path=f"{tmp_path}/bin:{Path(sys.executable).parent}:{os.defpath}"))


def test_it_runs_in_a_directory_with_odd_characters(tmp_path: Path) -> None:
    odd = tmp_path / "a b'c $d"
    odd.mkdir()
    (odd / "-dev").symlink_to(ROOT / "dev")
    assert_usage(run(odd / "-dev"))


def test_it_runs_where_the_directory_was_removed(tmp_path: Path, tools: Path) -> None:
    """Also with a python3 that refuses to."""
    (tools / "python3").write_text(SHIM)
    (tools / "python3").chmod(0o755)
    (tmp_path / "gone").mkdir()
    remove = 'cd "$1" && /bin/rmdir "$1" && exec sh "$2"'
    done = run("sh", "-c", remove, "sh", tmp_path / "gone", ROOT / "dev", path=str(tools))
    assert done.stdout.startswith("usage: ./dev COMMAND\n"), done.stderr
    assert done.returncode == 0


def test_arguments_and_the_status_are_passed_on() -> None:
    done = run(ROOT / "dev", "no such", "thing")
    assert done.returncode == 2
    assert "there is no command no such" in done.stderr


def test_without_python_it_says_what_to_install(tools: Path) -> None:
    done = run("sh", ROOT / "dev", path=str(tools))
    assert done.returncode == 1
    assert "Python 3.11 or later is needed, and PATH has no python3." in done.stderr
    for line in ("apt-get install python3", "dnf install python3", "brew install python3"):
        assert line in done.stderr


def test_an_old_python_is_named(tools: Path) -> None:
    (tools / "python3").write_text(OLD)
    (tools / "python3").chmod(0o755)
    done = run("sh", ROOT / "dev", path=str(tools))
    assert done.returncode == 1
    assert "is needed, and PATH has Python 3.9.2." in done.stderr


def test_a_newer_one_beside_it_is_used(tools: Path) -> None:
    (tools / "python3").write_text(OLD)
    (tools / "python3").chmod(0o755)
    (tools / "python3.13").symlink_to(sys.executable)
    assert_usage(run("sh", ROOT / "dev", path=str(tools)))


def test_the_users_python_variables_change_nothing(tmp_path: Path) -> None:
    (tmp_path / "json.py").write_text("raise SystemExit('not this one')\n")
    assert_usage(run("env", f"PYTHONPATH={tmp_path}", "PYTHONSTARTUP=x", ROOT / "dev"))
