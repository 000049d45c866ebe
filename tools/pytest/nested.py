"""Runs the pytest main in a process of its own, for tests of it."""

import os
import subprocess
import sys
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from pathlib import Path

MAIN = Path(__file__).with_name("main.py")


@dataclass(frozen=True)
class Ended:
    """What one run of the main left."""

    status: int
    output: str
    xml: ET.Element | None

    def names(self) -> list[str]:
        """The tests that ran, in order, from the XML."""
        cases = [] if self.xml is None else self.xml.iter("testcase")
        return [case.attrib["name"] for case in cases]

    def suite(self) -> ET.Element:
        """The XML's only suite."""
        assert self.xml is not None, f"no XML was written:\n{self.output}"
        (suite,) = self.xml.iter("testsuite")
        return suite


class Nested:
    """A folder that stands for a Bazel test's runfiles and temporary files."""

    def __init__(self, folder: Path) -> None:
        self.xml = folder / "test.xml"
        self.tmp = folder / "tmp"
        self.root = folder / "runfiles" / "_main"
        (self.root / "pkg").mkdir(parents=True)
        self.tmp.mkdir()

    def write(self, name: str, text: str) -> str:
        """Writes a file below the root and returns its name, as Bazel would pass it."""
        (self.root / name).write_text(text)
        return name

    def start(self, *arguments: str, **env: str) -> subprocess.Popen[str]:
        """Starts the main with Bazel's environment, `env` added."""
        bazel = {
            "PATH": os.environ.get("PATH", ""),
            "PYTHONPATH": os.pathsep.join([str(self.root), *sys.path]),
            "TEST_SRCDIR": str(self.root.parent),
            "TEST_TARGET": "//pkg:a_test",
            "TEST_TMPDIR": str(self.tmp),
            "TEST_WORKSPACE": "_main",
            "XML_OUTPUT_FILE": str(self.xml),
        }
        return subprocess.Popen(
            [sys.executable, str(MAIN), *arguments],
            cwd=self.root,
            env=bazel | env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def end(self, process: subprocess.Popen[str]) -> Ended:
        """Waits for the main's end, at most 30 s."""
        try:
            output, _ = process.communicate(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()
            raise
        xml = ET.parse(self.xml).getroot() if self.xml.exists() else None
        return Ended(process.returncode, output, xml)

    def run(self, *arguments: str, **env: str) -> Ended:
        """Runs the main to its end."""
        self.xml.unlink(missing_ok=True)
        return self.end(self.start(*arguments, **env))
