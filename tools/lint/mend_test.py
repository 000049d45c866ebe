from pathlib import Path

import pytest

from tools.lint.executables import executable
from tools.lint.mend import mend
from tools.lint.sample import sample


@pytest.fixture
def said(tmp_path: Path) -> Path:
    """A buildifier that writes down what it was asked."""
    program = tmp_path / "bin/buildifier"
    program.parent.mkdir()
    program.write_text('#!/bin/sh\necho "$PWD $*" > "$0.asked"\n')
    program.chmod(0o755)
    return program


def test_what_programs_can_mend_is_mended(tmp_path: Path, said: Path) -> None:
    """Formatting and imports of Python; buildifier gets the folders that are there."""
    root = sample(
        tmp_path / "checkout", {"pyproject.toml": "", "pkg/a.py": "import os\na = {'b':1}\n"}
    ).root
    assert mend(root, executable("ruff", "ruff"), said) == 0
    assert (root / "pkg/a.py").read_text() == 'a = {"b": 1}\n'
    asked = said.with_name("buildifier.asked").read_text()
    assert asked == f"{root} -r -mode=fix -lint=fix pkg\n"


def test_what_is_left_to_a_person_is_told(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """By ruff's own words; without a buildifier, so are BUILD files."""
    root = sample(tmp_path, {"pyproject.toml": "", "pkg/a.py": "print(nothing)\n"}).root
    assert mend(root, executable("ruff", "ruff"), None) == 1
    out, err = capfd.readouterr()
    assert "F821" in out
    assert "buildifier is not on PATH" in err
