"""The demo's table says what was measured."""

import json
from pathlib import Path

from tools.dev import demo


def test_a_server_that_was_started_ahead_is_told_from_one_that_was_waited_for(
    tmp_path: Path,
) -> None:
    """Else it would seem to be ready in no time."""
    file = tmp_path / "dockertest.jsonl"
    facts = {"service": "s3", "container": "x", "memory_bytes": 80_000_000}
    starts = [("a", 0.0002, True), ("b", 0.131, False)]
    lines = [
        {**facts, "test": f"x_test.py::{test}", "ready_seconds": seconds, "started_ahead": ahead}
        for test, seconds, ahead in starts
    ]
    file.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    _, one, other, *_ = demo.table(demo.read(file), 1.0, [])
    assert one.endswith(" 0 ms    80 MB  started ahead of the test")
    assert other.endswith(" 131 ms    80 MB")
