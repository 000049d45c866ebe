"""The Python examples of the documentation run as they are printed."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from pkg.dockertest import EngineError, engine
from tools.lint.checkout import Checkout
from tools.lint.examples import Block, blocks

FILES = (
    "README.md",
    "docs/any-image.md",
    "docs/api.md",
    "docs/containers.md",
    "docs/dockertest.md",
    "docs/faults.md",
    "docs/http-services.md",
    "docs/libraries.md",
    "docs/other-repositories.md",
    "docs/slots.md",
    "docs/snapshots.md",
    "docs/testing/handlers.md",
    "docs/testing/harness.md",
    "docs/testing/integration.md",
    "docs/testing/unit.md",
    "docs/testing/waiting.md",
    "docs/vault-http.md",
)
PLUGINS = ("pkg.dockertest.plugin", "pkg.testutil.containers.plugin", "pkg.testutil.plugin")
EXAMPLES = [block for file in FILES for block in blocks(Checkout.declared(), file, "python")]
SECONDS = 120


def command(example: Block, file: Path) -> list[str]:
    """Runs an example as tests where it has any, else as a program."""
    if "def test_" not in example.text:
        return [sys.executable, str(file)]
    plugins = [word for plugin in PLUGINS for word in ("-p", plugin)]
    options = ["--import-mode=importlib", "-p", "no:cacheprovider"]
    return [sys.executable, "-m", "pytest", *options, *plugins, str(file)]


def run(example: Block, folder: Path) -> "subprocess.CompletedProcess[str]":
    """Writes an example to a file of its own and runs it there."""
    file = folder / "example_test.py"
    file.write_text(example.text)
    return subprocess.run(
        command(example, file),
        cwd=folder,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=SECONDS,
        check=False,
    )


def not_to_be_had(example: Block) -> str:
    """Why an image that the example names cannot be had here; "" if all can."""
    at = engine.connect()
    for name in re.findall(r'\bimage="([^"]+)"', example.text):
        try:
            at.image(name) or at.pull(name)
        except EngineError as error:
            return str(error)
    return ""


@pytest.mark.parametrize("example", EXAMPLES, ids=str)
def test_an_example_runs(example: Block, tmp_path: Path) -> None:
    """On servers of its own, or on the shared ones; of any image where its registry answers."""
    if problem := not_to_be_had(example):
        pytest.skip(problem)
    ended = run(example, tmp_path)
    assert ended.returncode == 0, f"{example}\n{ended.stdout}"


@pytest.mark.parametrize(
    "text",
    ["def test_a(dockertest):\n    assert not dockertest\n", "import nothing_of_that_name\n"],
)
def test_an_example_that_does_not_run_is_noticed(text: str, tmp_path: Path) -> None:
    """A failing test and a failing program alike."""
    assert run(Block("README.md", 1, text), tmp_path).returncode == 1


@pytest.mark.parametrize("file", FILES)
def test_every_file_has_an_example(file: str) -> None:
    """Otherwise nothing of it would be run."""
    assert file in {example.file for example in EXAMPLES}
