"""`./dev bazel run //tools/lint:mend`: ruff and buildifier mend what they can of the checkout."""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tools.lint.executables import executable

_RUFF = (("check", "--no-cache", "--fix", "--quiet"), ("format", "--no-cache"))
_BUILDIFIER = ("-r", "-mode=fix", "-lint=fix")
_SOURCES = ("pkg", "services", "tools", "examples", "benchmarks", "BUILD.bazel", "MODULE.bazel")


def mend(root: Path, ruff: Path, buildifier: Path | None) -> int:
    """Mends the files below a checkout's root.

    Returns:
        0, or 1 if something is left that only a person can mend; that is printed.
    """
    commands: list[Sequence[str]] = [[str(ruff), *words, "."] for words in _RUFF]
    if buildifier:
        sources = [name for name in _SOURCES if (root / name).exists()]
        commands.append([str(buildifier), *_BUILDIFIER, *sources])
    else:
        print("buildifier is not on PATH, and BUILD files are left as they are", file=sys.stderr)
    statuses = [subprocess.run(command, cwd=root).returncode for command in commands]
    return int(any(statuses))


if __name__ == "__main__":
    found = shutil.which("buildifier")
    checkout = Path(os.environ["BUILD_WORKSPACE_DIRECTORY"])
    sys.exit(mend(checkout, executable("ruff", "ruff"), Path(found) if found else None))
