"""The benchmark works."""

import json
from pathlib import Path

import pytest

from benchmarks.vault import main


def test_what_is_asked_is_measured(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """In process and over HTTP, each way that is compared."""
    main.main(["--rounds=1", "--seconds=0.3", f"--out={tmp_path}"])
    results = json.loads((tmp_path / "vault.json").read_text())
    over_http = {main.EMPTY, main.ENCRYPT, main.DECRYPT, main.BULK}
    assert results["microseconds"].keys() == {main.BARE, main.ENCRYPT, main.DECRYPT}
    for measured in (results["requests_per_second"], results["server_microseconds"]):
        assert measured.keys() == over_http
    for measured in ("microseconds", "requests_per_second", "server_microseconds"):
        assert all(value > 0 for [value] in results[measured].values())
    assert f"in bulk of {main.ITEMS}" in capfd.readouterr().out
