from pathlib import Path

import pytest

from tools.lint.checkout import Checkout, run
from tools.lint.executables import executable
from tools.lint.sample import sample

CHECK = ("check", "--no-cache", "--quiet", "--output-format=concise")
MEND = "to mend what can be: ./dev bazel run //tools/lint:mend"
FORMAT = ("format", "--no-cache", "--quiet", "--check")


def complaints(checkout: Checkout, call: tuple[str, ...]) -> str:
    """What ruff says about all files."""
    return run([executable("ruff", "ruff"), *call, "."], checkout.root)


@pytest.fixture
def settings() -> str:
    return Checkout.declared().text("pyproject.toml")


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        ("pkg/a.py", "import os\n", "F401"),
        ("pkg/a.py", "from .b import c\n\nprint(c)\n", "TID252"),
        ("pkg/a.py", "def a() -> None: ...\n", "D103"),
        ("tools/dev/a.py", "type A = int\n", "invalid-syntax"),
    ],
)
def test_a_bad_file_is_named(
    tmp_path: Path, settings: str, name: str, text: str, code: str
) -> None:
    found = complaints(sample(tmp_path, {"pyproject.toml": settings, name: text}), CHECK)
    assert f"{name}:1:" in found
    assert code in found


def test_a_badly_formatted_file_is_named(tmp_path: Path, settings: str) -> None:
    bad = sample(tmp_path, {"pyproject.toml": settings, "pkg/a.py": "a = {'b':1}\n"})
    found = run([executable("ruff", "ruff"), *FORMAT, "--diff", "."], bad.root)
    assert "--- pkg/a.py" in found


def test_ruff_finds_nothing() -> None:
    assert not (found := complaints(Checkout.declared(), CHECK)), f"{MEND}\n{found}"


def test_every_file_is_formatted() -> None:
    found = run(
        [executable("ruff", "ruff"), *FORMAT, "--diff", "."],
        Checkout.declared().root,
    )
    assert not found, f"{MEND}\n{found}"
