"""Bazel runs where the caller means it, or not at all, and ends when it is told to."""

import os
import signal
import threading
from pathlib import Path

import pytest

from pkg.testutil import eventually
from tools.dev.problem import Problem
from tools.dev.session import Session, attended


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


def test_sigterm_reaches_the_users_own_bazel(tmp_path: Path) -> None:
    """Its status comes back: it has ended its tests by then."""
    runs = tmp_path / "runs"
    command = f"trap 'kill $!; exit 7' TERM; sleep 30 & touch {runs}; wait"

    def terminate() -> None:
        eventually(runs.exists)
        os.kill(os.getpid(), signal.SIGTERM)

    thread = threading.Thread(target=terminate)
    thread.start()
    before = signal.getsignal(signal.SIGTERM)
    assert attended(["sh", "-c", command], tmp_path) == 7
    thread.join()
    assert signal.getsignal(signal.SIGTERM) == before
