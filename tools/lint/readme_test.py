import subprocess
import sys
from pathlib import Path

import pytest

from tools.lint.checkout import Checkout
from tools.lint.readme import violations

USAGE = """\
usage: ./dev COMMAND [ARGUMENT...]

  test [ARGS]  bazel test //...
  ./dev clean  removes what belongs to this checkout
"""


def test_a_command_that_dev_lacks_is_named() -> None:
    (line,) = violations("Run `./dev tset //...`, then `./dev clean --all`.", USAGE)
    assert line == "README.md: ./dev has no command tset: it prints clean, test"


def test_commands_that_dev_has_are_fine() -> None:
    assert violations("`./dev` prints them; ./dev test //pkg/..., ./dev clean", USAGE) == []


def test_readme_names_commands_that_dev_has(monkeypatch: pytest.MonkeyPatch) -> None:
    # `dev` runs the python3 it finds; here that is the one that runs the tests.
    bin_folder = Path(sys.executable).parent
    monkeypatch.setenv("PATH", f"{bin_folder}:/usr/local/bin:/usr/bin:/bin")
    checkout = Checkout.declared()
    usage = dev_usage(checkout.root)
    assert violations(checkout.text("README.md"), usage) == []


def dev_usage(root: Path) -> str:
    """What `./dev` alone prints, whatever its exit status."""
    ended = subprocess.run(
        ["sh", "dev"],
        cwd=root,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return ended.stdout
