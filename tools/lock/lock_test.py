"""The lock is written from the index that pip uses."""

from pathlib import Path

import pytest

from tools.lock import lock


def test_uv_uses_pips_index() -> None:
    settings = (
        "global.cert='/etc/ca.pem'\n"
        "global.index-url='https://a.example/simple'\n"
        ":env:.extra-index-url='https://b.example/simple'\n"
    )
    assert lock.environment({"HOME": "/h"}, settings) == {
        "HOME": "/h",
        "UV_DEFAULT_INDEX": "https://a.example/simple",
        "UV_INDEX": "https://b.example/simple",
    }


def test_what_uv_is_told_wins() -> None:
    told = {"UV_DEFAULT_INDEX": "https://c.example/simple"}
    assert lock.environment(told, "global.index-url='https://a.example/simple'\n") == told


def test_uv_reads_the_checkouts_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing to lock needs no index, and gives a lock of nothing."""
    monkeypatch.setenv("BUILD_WORKSPACE_DIRECTORY", str(tmp_path))
    monkeypatch.setenv("UV_OFFLINE", "1")
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "cache"))
    for name in ("requirements", "requirements_more"):
        (tmp_path / f"{name}.in").write_text("# nothing\n")
    assert lock.main([]) == 0
    for name in ("requirements", "requirements_more"):
        assert (tmp_path / f"{name}_lock.txt").read_text() == ""


def test_uvs_refusal_is_the_exit_status(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BUILD_WORKSPACE_DIRECTORY", str(tmp_path))
    assert lock.main([]) != 0
