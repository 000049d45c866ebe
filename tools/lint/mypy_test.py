import os
import sys
from pathlib import Path

from tools.lint.checkout import Checkout, run
from tools.lint.sample import sample

PLACES = ("benchmarks", "pkg", "services", "tools")


def complaints(checkout: Checkout, cache: Path, *options: str) -> str:
    """What mypy says about all places that have Python files."""
    places = sorted({name.split("/")[0] for name in checkout.files("*.py")}.intersection(PLACES))
    command = [sys.executable, "-m", "mypy", "--config-file=pyproject.toml"]
    return run([*command, f"--cache-dir={cache}", *options, *places], checkout.root)


def set_python_path() -> None:
    """Lets the nested mypy see the declared distributions, and nothing of our own tree."""
    found = [folder for folder in sys.path if folder.endswith("site-packages")]
    os.environ["PYTHONPATH"] = os.pathsep.join(found)


def test_an_untyped_function_and_a_wrong_type_are_named(tmp_path: Path) -> None:
    set_python_path()
    settings = Checkout.declared().text("pyproject.toml")
    text = "import redis\n\ndef a(b): ...\n\nc: int = redis.Redis()\n"
    bad = sample(tmp_path / "bad", {"pyproject.toml": settings, "pkg/a.py": text})
    found = complaints(bad, tmp_path / "cache", "--no-pretty")
    assert "pkg/a.py:3: error: Function is missing a type annotation" in found
    assert 'pkg/a.py:5: error: Incompatible types in assignment (expression has type "Redis' in (
        found
    )


def test_mypy_strict_finds_nothing(tmp_path: Path) -> None:
    set_python_path()
    found = complaints(Checkout.declared(), tmp_path)
    assert not found, found
