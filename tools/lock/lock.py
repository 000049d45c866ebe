"""`./dev bazel run //tools/lock`: writes the lock of each requirements*.in anew, by uv.

What is locked stays at its version, unless it is named: `-- --upgrade-package redis`, or
`-- --upgrade` for all. What such a file names newly is locked at its newest version.
"""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from tools.lint.executables import executable

_OPTIONS = (
    "--generate-hashes",
    "--python-version=3.13",
    "--python-platform=linux",
    "--no-header",
    "--no-emit-index-url",
    "--no-strip-extras",  # what an extra needs comes along under its name
    "--quiet",
)
# uv has settings of its own; these are the ones by which pip finds an index.
_SETTINGS = {"index-url": "UV_DEFAULT_INDEX", "extra-index-url": "UV_INDEX"}


def environment(environ: Mapping[str, str], settings: str) -> dict[str, str]:
    """uv's environment: the index is the one that pip would use, unless uv is told another.

    Args:
        environ: the caller's.
        settings: what `pip config list` prints.
    """
    found = {}
    for line in settings.splitlines():
        name, _, value = line.partition("=")
        if ours := _SETTINGS.get(name.rpartition(".")[2]):
            found[ours] = value.strip("'\"")
    return {**found, **environ}


def pip_settings() -> str:
    """What pip's files and variables say; "" where there is no pip."""
    command = [sys.executable, "-m", "pip", "config", "list"]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


def main(arguments: Sequence[str]) -> int:
    """Locks, in the checkout that Bazel was called in; returns uv's first bad exit status, or 0."""
    checkout = Path(os.environ.get("BUILD_WORKSPACE_DIRECTORY", "."))
    environ = environment(os.environ, pip_settings())
    uv = str(executable("uv", "uv"))
    for file in sorted(checkout.glob("requirements*.in")) or [checkout / "requirements.in"]:
        lock = f"--output-file={file.stem}_lock.txt"
        ended = subprocess.run(
            [uv, "pip", "compile", file.name, lock, *_OPTIONS, *arguments],
            cwd=checkout,
            env=environ,
            stdout=subprocess.DEVNULL,  # it prints the lock, too
            check=False,
        )
        if ended.returncode:
            return ended.returncode
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
