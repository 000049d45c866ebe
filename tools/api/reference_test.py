"""The API reference builds without a warning, and leaves no public name unexplained."""

from pathlib import Path

import pytest

from tools.api import reference


def test_it_builds_without_a_warning(tmp_path: Path) -> None:
    """There is a page for each module, and it shows what the docstrings say."""
    reference.build(tmp_path)
    for module in reference.modules():
        assert (tmp_path / f"{module.replace('.', '/')}.html").is_file()
    assert "random credentials" in (tmp_path / "pkg/dockertest/redis.html").read_text()


def test_every_public_name_has_a_docstring() -> None:
    """Of packages, services, their results and their methods."""
    assert reference.undocumented() == []


def test_a_name_without_one_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Here a method that has lost its own."""
    from pkg.testutil.containers import Project

    monkeypatch.setattr(Project.down, "__doc__", None)
    assert reference.undocumented() == ["pkg.testutil.containers.Project.down"]
