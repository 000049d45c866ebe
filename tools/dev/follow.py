"""Follows a page of the documentation in a copy of the checkout, and leaves nothing behind.

    python3 -I -S tools/dev/follow.py docs/sixth-service.md [RESULTS]

Every fenced block is obeyed, in the page's order. A block of `sh` is run. Any other stands below a
line that says what it is for:

    `PATH`:               the file's text, or for a block of `diff` what changes in it
    `PATH`, at its end:   what is added to the file

Then the tests that ran for the services that the page adds are counted: there must be some. RESULTS
is a folder for their test.xml files. Standard library only.
"""

import re
import shutil
import signal
import subprocess
import sys
import tempfile
import tomllib
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from pkg.dockertest import image  # noqa: E402
from pkg.dockertest.engine import Engine  # noqa: E402
from tools.dev import engines  # noqa: E402

_FENCE = re.compile(r"^```(?P<language>\w+)\n(?P<text>.*?)^```$", re.M | re.S)
_NOT_PASSED = ("failure", "error", "skipped")
_PLACE = re.compile(r"^`(?P<path>[^`]+)`(?P<end>, at its end)?:$")


class Unfollowable(Exception):
    """The page says something that cannot be done; the message has its line."""


@dataclass(frozen=True)
class Step:
    """A fenced block: where it stands, what it is, and which file it is for, if it is."""

    line: int
    language: str
    text: str
    path: str = ""
    is_added: bool = False


def steps(page: str) -> list[Step]:
    """The page's blocks, in their order.

    Raises:
        Unfollowable: a block says neither which file it is for, nor is it to be run.
    """
    found = []
    for match in _FENCE.finditer(page):
        line = page.count("\n", 0, match.start()) + 1
        language, text = match["language"], match["text"]
        if language == "sh":
            found.append(Step(line, language, text))
            continue
        before = page[: match.start()].rstrip("\n").rpartition("\n")[2]
        place = _PLACE.match(before)
        if not place:
            raise Unfollowable(f"line {line}: the line above the block names no file: {before}")
        found.append(Step(line, language, text, place["path"], bool(place["end"])))
    return found


def change(step: Step, root: Path) -> None:
    """Writes what a step says into the file that it names.

    Raises:
        Unfollowable: the file, or the place in it, is not as the page says.
    """
    file = root / step.path
    where = f"line {step.line}: {step.path}"
    if not step.is_added and step.language != "diff":
        if file.exists():
            raise Unfollowable(f"{where} is there already")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(step.text)
        return
    if not file.exists():
        raise Unfollowable(f"{where} is not there")
    text = file.read_text()
    if step.is_added:
        file.write_text(text + step.text)
        return
    said = step.text.splitlines()
    before = [line[1:] for line in said if line[0] in " -"]
    lines = text.splitlines()
    found = [at for at in range(len(lines)) if lines[at : at + len(before)] == before]
    if len(found) != 1:
        shown = "\n".join(before)
        raise Unfollowable(f"{where} has the lines that change {len(found)} times:\n{shown}")
    lines[found[0] : found[0] + len(before)] = [line[1:] for line in said if line[0] in " +"]
    file.write_text("\n".join([*lines, ""]))


def follow(page: str, root: Path) -> None:
    """Obeys the whole page in a checkout.

    Raises:
        Unfollowable: a step cannot be done, or its command failed.
    """
    for step in steps(page):
        if step.path:
            print(f"follow: line {step.line}: {step.path}", flush=True)
            change(step, root)
            continue
        for command in step.text.splitlines():
            print(f"follow: line {step.line}: {command}", flush=True)
            ended = subprocess.run(["sh", "-c", command], cwd=root, stdin=subprocess.DEVNULL)
            if ended.returncode:
                raise Unfollowable(
                    f"line {step.line}: {command}: failed with status {ended.returncode}"
                )


def added(root: Path) -> list[str]:
    """The services that a checkout has a pin for and this one has not."""
    pins = tomllib.loads((root / "pkg/dockertest/images.toml").read_text())
    return sorted(set(pins) - set(image.pins()))


def passed(service: str, logs: Path) -> int:
    """How many tests of all services alike passed for one of them."""
    cases = [case for file in logs.rglob("test.xml") for case in ET.parse(file).iter("testcase")]
    mine = [case for case in cases if f"[{service}]" in str(case.get("name"))]
    return sum(all(case.find(word) is None for word in _NOT_PASSED) for case in mine)


def keep(logs: Path, results: Path) -> None:
    """Copies the test.xml files, each in its target's folder."""
    for file in logs.rglob("test.xml"):
        to = results / file.relative_to(logs)
        to.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, to)


def files() -> list[str]:
    """The checkout's files that are or could be committed."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True).stdout
    return [name for name in names.decode().split("\0") if (ROOT / name).is_file()]


@contextmanager
def copy() -> Iterator[Path]:
    """A copy of the checkout as it would be committed now; what was made from it goes with it."""
    root = Path(tempfile.mkdtemp(prefix="berth-follow-")).resolve()
    try:
        for name in files():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, root / name)
        yield root
    finally:
        if (root / "dev").exists():
            subprocess.run([root / "dev", "clean", "--yes"], stdin=subprocess.DEVNULL)
        shutil.rmtree(root)


def names(engine: Engine) -> set[str]:
    """The names of all images that are here."""
    listed = engine.request("GET", "/images/json")
    return {name for one in listed for name in one["RepoTags"] or []}


def remove(engine: Engine, services: Sequence[str], before: set[str]) -> None:
    """Removes the images of services, and what they were made from, that were not here before."""
    for service in services:
        ours = {name for name in names(engine) if name.startswith(f"berth/{service}:")}
        sources = {
            (engine.image(name) or {})["Config"]["Labels"][image.LABEL_SOURCE] for name in ours
        }
        made = {name for name in names(engine) if name.startswith(f"berth/{service}-source:")}
        for name in [*(ours - before), *((sources | made) & names(engine) - before)]:
            engine.request("DELETE", f"/images/{name}")


def main(arguments: Sequence[str]) -> int:
    """Follows one page; returns the exit status."""
    if len(arguments) not in (1, 2):
        print("usage: follow.py PAGE [RESULTS]", file=sys.stderr)
        return 2
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # cleans up, too
    page = (ROOT / arguments[0]).read_text()
    engine = engines.find()
    before = names(engine)
    with copy() as root:
        try:
            follow(page, root)
            logs = (root / "bazel-testlogs").resolve()
            if len(arguments) == 2:
                keep(logs, Path(arguments[1]))
            for service in added(root):
                count = passed(service, logs)
                print(f"follow: {service}: {count} tests of all services alike passed")
                if not count:
                    raise Unfollowable(f"no test of all services alike ran for {service}")
        except Unfollowable as error:
            print(f"{arguments[0]}: {error}", file=sys.stderr)
            return 1
        finally:
            remove(engine, added(root), before)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
