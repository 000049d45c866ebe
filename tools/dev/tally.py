"""Counts tests: `tally.py bazel-testlogs…` sums all test.xml and ends with `N passed, N failed`."""

import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Tally:
    """How many tests passed, and the names of the others."""

    passed: int = 0
    failed: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()


def count(files: Iterable[Path]) -> Tally:
    """The tally of JUnit XML files; one that is no XML counts as a failed test of its name."""
    passed = 0
    failed: list[str] = []
    skipped: list[str] = []
    for file in sorted(files):
        try:
            cases = list(ET.parse(file).getroot().iter("testcase"))
        except ET.ParseError as error:
            failed.append(f"{file} ({error})")
            continue
        for case in cases:
            name = f"{case.get('classname') or file.parent.name}::{case.get('name')}"
            if case.find("failure") is not None or case.find("error") is not None:
                failed.append(name)
            elif (why := case.find("skipped")) is not None:
                skipped.append(f"{name}: {why.get('message', '')}")
            else:
                passed += 1
    return Tally(passed, tuple(failed), tuple(skipped))


def results(logs: Path) -> list[Path]:
    """The test.xml of every target's last attempt, of all shards and runs."""
    found = Path(logs).resolve().rglob("test.xml")
    return [file for file in found if "test_attempts" not in file.parts]


def main(arguments: Sequence[str]) -> int:
    """Prints the tally; exit status 1 if a test failed or a folder has none, 2 for a wrong call."""
    if not arguments:
        print("usage: tally.py BAZEL_TESTLOGS...", file=sys.stderr)
        return 2
    found = {folder: results(Path(folder)) for folder in arguments}
    tally = count(file for files in found.values() for file in files)
    empty = [folder for folder, files in found.items() if not files]
    for name in tally.skipped:
        print(f"skipped: {name}")
    for name in tally.failed:
        print(f"failed: {name}")
    for folder in empty:
        print(f"no test ran: {folder} has no test.xml")
    print(f"{tally.passed} passed, {len(tally.failed)} failed")
    return 1 if tally.failed or empty or not tally.passed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
