"""What the documentation says of `./dev` and of the macros is so."""

import subprocess
import sys
from pathlib import Path

import pytest

from tools.lint import examples, readme
from tools.lint.checkout import Checkout
from tools.lint.examples import Block, blocks
from tools.lint.sample import sample

USAGE = """\
usage: ./dev COMMAND [ARGUMENT...]

  test [ARGS]  bazel test //...
  ./dev clean  removes what belongs to this checkout
"""


def test_a_command_that_dev_lacks_is_named() -> None:
    text = "Run `./dev tset //...`, then `./dev clean --all`."
    (line,) = readme.violations("README.md", text, USAGE)
    assert line == "README.md: ./dev has no command tset: it prints clean, test"


def test_commands_that_dev_has_are_fine() -> None:
    text = "`./dev` prints them; ./dev test //pkg/..., ./dev clean"
    assert readme.violations("README.md", text, USAGE) == []


def test_the_documentation_names_commands_that_dev_has(monkeypatch: pytest.MonkeyPatch) -> None:
    # `dev` runs the python3 it finds; here that is the one that runs the tests.
    bin_folder = Path(sys.executable).parent
    monkeypatch.setenv("PATH", f"{bin_folder}:/usr/local/bin:/usr/bin:/bin")
    checkout = Checkout.declared()
    usage = dev_usage(checkout.root)
    files = checkout.files("*.md")
    assert [
        line for file in files for line in readme.violations(file, checkout.text(file), usage)
    ] == []


def test_blocks_are_found_by_language_with_their_lines(tmp_path: Path) -> None:
    text = "a\n\n```python\nx = 1\n```\n\n```sh\nls\n```\n```python\ny = 2\nz = 3\n```\n"
    found = blocks(sample(tmp_path, {"a.md": text}), "a.md", "python")
    assert found == [Block("a.md", 4, "x = 1\n"), Block("a.md", 11, "y = 2\nz = 3\n")]
    assert str(found[0]) == "a.md:4"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('unit_test(name = "a", source = [])', "unit_test has no attribute source"),
        ('unit_test(name = "a", services = ["redis"])', "unit_test has no attribute services"),
        ('dynamic_container_test(services = ["oracle"])', "no service oracle"),
        ("unit_test(name = \n", "of the example"),
    ],
)
def test_a_build_example_that_is_wrong_is_named(text: str, words: str) -> None:
    (line,) = examples.violations(Block("a.md", 4, text), ["deps"], ["redis"])
    assert line.startswith("a.md:4: ")
    assert words in line


def test_build_examples_use_what_the_macros_have() -> None:
    checkout = Checkout.declared()
    passed_on = examples.constant(checkout, *examples.ATTRIBUTES)
    # any_image stands for what has no line of its own.
    services = [*examples.constant(checkout, *examples.CLIENTS), "any_image"]
    found = [
        block for file in checkout.files("*.md") for block in blocks(checkout, file, "starlark")
    ]
    assert found
    assert [
        line for block in found for line in examples.violations(block, passed_on, services)
    ] == []


def dev_usage(root: Path) -> str:
    """What `./dev` alone prints, whatever its exit status."""
    ended = subprocess.run(
        ["sh", "./dev"],
        cwd=root,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return ended.stdout
