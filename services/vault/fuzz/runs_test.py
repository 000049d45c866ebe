"""The fuzzers run, as by hand, for a moment."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

RUNS = 2000
BROKEN = "from services.vault.fuzz.fuzzing import fuzz; fuzz(lambda data: 1 // len(data), 'broken')"


def fuzzed(checkout: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """How a fuzzer ended that keeps what it finds in a checkout."""
    path = os.pathsep.join(sys.path)
    return subprocess.run(
        [sys.executable, *arguments, f"-runs={RUNS}", "-seed=1"],
        env={**os.environ, "PYTHONPATH": path, "BUILD_WORKSPACE_DIRECTORY": str(checkout)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize("name", ["envelope", "record"])
def test_a_fuzzer_runs(tmp_path: Path, name: str) -> None:
    ended = fuzzed(tmp_path, "-m", f"services.vault.fuzz.fuzz_{name}")
    assert ended.returncode == 0, ended.stderr
    assert f"Done {RUNS} runs" in ended.stderr
    assert (tmp_path / "services/vault/fuzz/corpus" / name).is_dir()


def test_a_fault_ends_it_and_is_kept(tmp_path: Path) -> None:
    """The bytes that led to it, beside the corpus."""
    ended = fuzzed(tmp_path, "-c", BROKEN)
    assert ended.returncode != 0
    assert "ZeroDivisionError" in ended.stderr + ended.stdout
    assert list((tmp_path / "services/vault/fuzz/corpus").glob("broken-fault-*"))
