import os
from pathlib import Path

import pytest

from tools.lint.checkout import Checkout, run
from tools.lint.sample import sample

PATTERNS = ("BUILD", "BUILD.bazel", "MODULE.bazel", "*.bzl")
MEND = "to mend what can be: ./dev bazel run //tools/lint:mend"
INSTALL = "go install github.com/bazelbuild/buildtools/buildifier@latest"


@pytest.fixture
def buildifier() -> Path:
    """The program that was on PATH when Bazel looked at the checkout."""
    program = Path(os.environ["TEST_SRCDIR"], os.environ["CHECKOUT"]).parents[1] / "bin/buildifier"
    if not program.exists():
        pytest.skip(f"buildifier is not on PATH; to install it: {INSTALL}")
    return program


def complaints(buildifier: Path, checkout: Checkout) -> str:
    """What buildifier says about all of Bazel's files."""
    found = []
    for pattern in PATTERNS:
        for name in checkout.files(pattern):
            command = [str(buildifier), "-mode=check", "-lint=warn", f"-path={name}"]
            if said := run(command, checkout.root, checkout.text(name)):
                found.append(said if name in said else f"{name}: {said}")
    return "\n".join(found)


def test_a_badly_formatted_file_is_named(buildifier: Path, tmp_path: Path) -> None:
    files = {"pkg/BUILD.bazel": "filegroup(name='a')\n", "a.bzl": '"""Fine."""\n'}
    found = complaints(buildifier, sample(tmp_path, files))
    assert "pkg/BUILD.bazel" in found
    assert "a.bzl" not in found


def test_a_lint_is_named(buildifier: Path, tmp_path: Path) -> None:
    files = {"a.bzl": '"""A docstring."""\n\nload(":b.bzl", "b")\n'}
    assert "load" in complaints(buildifier, sample(tmp_path, files))


def test_buildifier_finds_nothing(buildifier: Path) -> None:
    found = complaints(buildifier, Checkout.declared())
    assert not found, f"{MEND}\n{found}"
