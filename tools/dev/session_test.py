"""Bazel runs where the caller means it, or not at all."""

from pathlib import Path

import pytest

from tools.dev.problem import Problem
from tools.dev.session import Session


def test_in_the_checkout_it_is_the_callers_directory(monkeypatch: pytest.MonkeyPatch) -> None:
    session = Session()
    place = session.checkout.root / "tools"
    monkeypatch.chdir(place)
    assert session.bazel_directory() == place


def test_elsewhere_it_is_the_checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    session = Session()
    monkeypatch.chdir(tmp_path)
    assert session.bazel_directory() == session.checkout.root


def test_another_workspaces_tests_are_not_taken_for_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`/path/to/berth/dev test` there would run all of Berth's tests."""
    folder = tmp_path / "shop" / "cart"
    folder.mkdir(parents=True)
    (tmp_path / "shop" / "MODULE.bazel").touch()
    monkeypatch.chdir(folder)
    session = Session()
    with pytest.raises(Problem) as caught:
        session.bazel_directory()
    assert f"{tmp_path}/shop is another Bazel workspace" in str(caught.value)
    assert session.directory() == session.checkout.root
