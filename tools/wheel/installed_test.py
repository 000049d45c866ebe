"""examples/pytest passes with Berth installed by pip, without Bazel and without an index.

What the extras ask for is lent to the new environment by a .pth file, where pip finds it.
"""

import os
import re
import shutil
import subprocess
import sys
import venv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CACHES = "__pycache__"


@dataclass(frozen=True)
class Installed:
    """A copy of the sources, and a virtual environment that pip has installed it into."""

    sources: Path
    environment: Path

    @property
    def packages(self) -> Path:
        return next(self.environment.glob("lib/python*/site-packages"))

    def python(self, *arguments: str | Path, cwd: Path) -> str:
        """Runs the environment's Python and returns what it prints.

        Nothing of this test's own surroundings may help.
        """
        environ = {name: value for name, value in os.environ.items() if "PYTHON" not in name}
        done = subprocess.run(
            [self.environment / "bin" / "python", *arguments],
            cwd=cwd,
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout
        return done.stdout


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installed]:
    made = Installed(tmp_path_factory.mktemp("berth"), tmp_path_factory.mktemp("environment"))
    shutil.copytree(ROOT / "pkg", made.sources / "pkg", ignore=shutil.ignore_patterns(CACHES))
    shutil.copy(ROOT / "pyproject.toml", made.sources)
    for name in ("README.md", "LICENSE"):  # the real ones would be inputs of a slow test
        (made.sources / name).write_text("\n")
    venv.create(made.environment, with_pip=True)
    lent = [folder for folder in sys.path if folder.endswith("site-packages")]
    (made.packages / "lent.pth").write_text("\n".join(lent))
    pip = ["-m", "pip", "--isolated", "install", "--no-index", "--no-build-isolation"]
    made.python(*pip, "--no-cache-dir", f"{made.sources}[pytest,redis]", cwd=made.sources)
    yield made
    shutil.rmtree(made.environment)  # else it would be kept with the test's outputs


def test_the_distribution_has_all_that_is_needed_and_no_tests(installed: Installed) -> None:
    assert files(installed.packages / "pkg") == {
        name for name in files(installed.sources / "pkg") if not name.endswith("_test.py")
    }
    recipes = installed.packages / "pkg" / "dockertest" / "recipes"
    assert (recipes / "redis" / "start.sh").is_file()


def test_the_example_passes(installed: Installed, tmp_path: Path) -> None:
    example = Path(os.environ["TEST_SRCDIR"], os.environ["EXAMPLE"]).parent
    project = tmp_path / "project"
    shutil.copytree(example, project)
    output = installed.python("-m", "pytest", "-p", "no:cacheprovider", cwd=project)
    assert re.search(r"\b[1-9]\d* passed in", output), output


def files(folder: Path) -> set[str]:
    """The names of all files below the folder, but those that Python has compiled."""
    found = {path.relative_to(folder) for path in folder.rglob("*") if path.is_file()}
    return {str(path) for path in found if CACHES not in path.parts}
