"""The checkout's source files, as the house rules read them.

Under Bazel they are the inputs of @checkout; by hand, any folder.
"""

import os
import re
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

_LINKED = ".txt"  # what @checkout appends to the name of a BUILD file
_BUILD_NAMES = ("BUILD", "BUILD.bazel")


@dataclass(frozen=True)
class Checkout:
    """A folder of source files."""

    root: Path

    @classmethod
    def declared(cls) -> "Checkout":
        """The one that the running Bazel test has as input (house_rule_test sets CHECKOUT)."""
        return cls(Path(os.environ["TEST_SRCDIR"], os.environ["CHECKOUT"]).parent)

    def files(self, pattern: str = "*") -> list[str]:
        """The sorted names, from the root, of the files whose last part matches the glob."""
        names = [str(path.relative_to(self.root)) for path in self.root.rglob("*")]
        found = sorted(_real_name(name) for name in names if (self.root / name).is_file())
        return [name for name in found if Path(name).match(pattern)]

    def path(self, name: str) -> Path:
        """Where the file of that name lies."""
        linked = self.root / (name + _LINKED)
        return linked if Path(name).name in _BUILD_NAMES and linked.exists() else self.root / name

    def text(self, name: str) -> str:
        """The file's text; "" for a file that is not UTF-8."""
        try:
            return self.path(name).read_text()
        except UnicodeDecodeError:
            return ""

    def scripts(self) -> list[str]:
        """The names of all shell scripts: those called *.sh, and by their first line."""
        shebang = re.compile(r"#!.*\b(sh|bash|dash)\b")
        plain = [name for name in self.files() if "." not in Path(name).name]
        found = {name for name in plain if shebang.match(self.text(name))}
        return sorted(found.union(self.files("*.sh")))


def _real_name(linked: str) -> str:
    real = linked.removesuffix(_LINKED)
    return real if Path(real).name in _BUILD_NAMES else linked


def run(command: Iterable[str | Path], folder: Path, text: str | None = None) -> str:
    """Runs a checker and returns its complaints: "" when its exit status is 0."""
    ended = subprocess.run(
        [str(part) for part in command],
        cwd=folder,
        input=text,
        stdin=subprocess.DEVNULL if text is None else None,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return ended.stdout or f"exit status {ended.returncode}" if ended.returncode else ""
