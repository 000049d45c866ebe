"""The benchmark works."""

import json
from pathlib import Path

import pytest

from benchmarks.api import handlers, main, table


def test_what_is_asked_is_measured(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Rates, the pace, and what the database is sent for a new key."""
    small = ["--rounds=1", "--seconds=0.3", "--keys=5", "--parts=http,create"]
    assert main.main([*small, f"--out={tmp_path}"]) == 0
    results = json.loads((tmp_path / "api.json").read_text())
    kinds = {table.EMPTY, table.EMPTY_IN_A_THREAD, table.VERIFY, table.LIMIT, table.CREDITS}
    for measured in results["http"].values():
        assert measured.keys() == kinds
        assert all(value > 0 for [value] in measured.values())
    assert results["paced"]["p99_ms"].keys() == {table.VERIFY, table.LIMIT, table.CREDITS}
    assert results["create"]["round_trips"][0] >= 1
    assert "createKey" in capfd.readouterr().out


def test_handler_tests_are_counted() -> None:
    """But for the first."""
    assert len(handlers.beyond(handlers.FRESH, 1, "module")) == 1
