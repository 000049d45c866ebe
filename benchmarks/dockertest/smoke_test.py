"""The benchmark works, and leaves nothing behind."""

import json
from pathlib import Path

import pytest

from benchmarks.dockertest import litter, main
from pkg.dockertest import checkout, engine


def test_every_part_is_measured_and_nothing_stays(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert main.main(["--quick", "--only=redis", f"--out={tmp_path}"]) == 0, capfd.readouterr().err
    results = json.loads((tmp_path / "dockertest.json").read_text())
    assert results["failed"] == []
    assert [name for name in main.PARTS if not results[name].get("redis")] == ["suite"]
    assert len(results["suite"]["Redis"]) == 4
    assert "Fresh servers per second" in capfd.readouterr().out
    left = engine.connect().containers(litter.ROLE, f"berth.checkout={checkout.identity()}")
    assert [one for one in left if one["Labels"]["berth.owner"] == litter.owner()] == []
