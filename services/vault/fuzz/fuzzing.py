"""Runs a target under atheris, with its corpus in the checkout."""

import os
import sys
from collections.abc import Callable
from pathlib import Path

import atheris

_HERE = Path("services/vault/fuzz")


def fuzz(target: Callable[[bytes], object], corpus: str) -> None:
    """Fuzzes until a fault is found, or as libFuzzer's options in `sys.argv` say.

    Args:
        target: is called with bytes; any exception is a fault.
        corpus: the folder below `corpus/` that new inputs are kept in; under `bazel run` it is the
            checkout's.
    """
    root = os.environ.get("BUILD_WORKSPACE_DIRECTORY")
    folder = (Path(root) / _HERE if root else Path(__file__).parent) / "corpus" / corpus
    folder.mkdir(parents=True, exist_ok=True)
    # Options given by hand come last, and win.
    options = [f"-artifact_prefix={folder.parent}/{corpus}-fault-", "-max_len=512"]
    program, *given = sys.argv
    atheris.Setup([program, *options, *given, str(folder)], target)
    atheris.Fuzz()
