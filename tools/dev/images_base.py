"""The base of all images that are built here: pulled, or made from the machine's own mirror."""

import os
import platform
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

from pkg.dockertest import image, lock
from pkg.dockertest.engine import Engine
from pkg.dockertest.errors import EngineError, EngineUnavailable, ImageUnavailable
from tools.dev import images_build
from tools.dev.images_lock import once
from tools.dev.progress import Progress

_PIECE_BYTES = 1 << 20
# sid's index may be older on a mirror than it says it may be.
_LATE_INDEX = 'Acquire::Check-Valid-Until "false"'


@dataclass(frozen=True)
class Base:
    """Debian's image of one suite.

    Attributes:
        suite: Debian's name for it.
        published: the image to pull.
        digest: the locked one, or "".
    """

    suite: str
    published: str
    digest: str

    @property
    def locked_as(self) -> str:
        """Its name in images.lock."""
        return f"base-{self.suite}"

    @property
    def tag(self) -> str:
        """What the image is called here."""
        pinned = {"published": self.published, "suite": self.suite}
        return f"berth/base:{image.digest(repr(pinned) + self.digest)}"


def ensure(engine: Engine, progress: Progress, suite: str | None = None) -> str:
    """Returns the name of the base image, after pulling or making it if it is missing.

    Args:
        suite: Debian's suite; that of `images.toml`'s [base] when None.

    Raises:
        ImageUnavailable: neither can be done here; the message says what to install.
    """
    base = _base(suite)
    tag = base.tag
    if engine.image(tag):
        return tag
    with once(tag, progress):
        if engine.image(tag):
            return tag
        published = lock.reference(base.published, base.digest)
        if pulled(engine, progress, published):
            repository, name = tag.split(":")
            engine.request("POST", f"/images/{published}/tag", {"repo": repository, "tag": name})
            return tag
        mirror = debian_mirror()
        tool = _mmdebstrap(published, mirror, progress)
        with progress.step(f"base image, Debian {base.suite}") as step:
            step.at("mmdebstrap")
            _bootstrap(engine, tool, tag, base.suite, mirror or "")
    return tag


def base_name(suite: str | None = None) -> str:
    """The name of a suite's base image, whether it is here or not."""
    return _base(suite).tag


def bases() -> list[Base]:
    """The bases of all suites that `images.toml` names."""
    suites = {table.get("suite") for table in image.pins().values()}
    return [_base(suite) for suite in sorted(suites - {None})]


def _base(suite: str | None) -> Base:
    pin = image.pins()["base"]
    suite = suite or pin["suite"]
    base = Base(suite, pin["published"].format(suite=suite), "")
    return replace(base, digest=lock.read().get(base.locked_as, lock.Locked()).digest)


def pulled(engine: Engine, progress: Progress, name: str) -> bool:
    """Whether a published image is here, or could be pulled."""
    if engine.image(name):
        return True
    try:
        with progress.step(f"pull {name}") as step:
            step.at("asking the registry")
            engine.pull(name)
    except EngineError as error:
        progress.say(f"{name} cannot be pulled, and is made here instead: {error}")
        return False
    return True


def debian_mirror(apt: Path = Path("/etc/apt")) -> str | None:
    """The Debian mirror that the machine's own apt uses, or None."""
    for file in [apt / "sources.list", *sorted((apt / "sources.list.d").glob("*"))]:
        if file.suffix not in (".list", ".sources") or not file.is_file():
            continue
        text = file.read_text(errors="replace")
        line = r"^(?:URIs:|deb(?: \[[^]]*\])?)\s+(\S+/debian/?)(?:\s|$)"
        if match := re.search(line, text, re.M):
            return match[1]
    return None


def _mmdebstrap(published: str, mirror: str | None, progress: Progress) -> str:
    tool = shutil.which("mmdebstrap")
    if mirror and not tool and os.getuid() == 0 and shutil.which("apt-get"):
        with progress.step("install mmdebstrap"):
            command = ["apt-get", "install", "-y", "--no-install-recommends", "mmdebstrap"]
            quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
            for before in (["apt-get", "update"], command):
                subprocess.run(before, env=quiet, capture_output=True, stdin=subprocess.DEVNULL)
        tool = shutil.which("mmdebstrap")
    if not mirror or not tool:
        raise ImageUnavailable(
            f"the base image {published} cannot be pulled: no image registry answers; on Debian "
            "it is made from the machine's own mirror instead, which needs mmdebstrap: "
            "sudo apt-get install mmdebstrap, then run this command again"
        )
    return tool


def _bootstrap(engine: Engine, tool: str, tag: str, suite: str, mirror: str) -> None:
    command = [tool, "--quiet", "--variant=apt", f"--aptopt={_LATE_INDEX}", suite, "-", mirror]
    repository, name = tag.split(":")
    query: dict[str, str | int] = {
        "fromSrc": "-",
        "repo": repository,
        "tag": name,
        "changes": "LABEL berth=image",
        "platform": f"linux/{_architecture()}",
    }
    headers = {"Content-Type": "application/x-tar"}
    with tempfile.TemporaryFile() as complaints:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=complaints
        )
        assert process.stdout
        try:
            body = _whole(process, process.stdout)
            pieces = engine.stream("POST", "/images/create", query, body, headers=headers)
            for event in images_build.events(pieces):
                if "error" in event:
                    raise EngineError(event["error"])
            if not engine.image(tag):
                raise EngineError("the engine ended without it")
        except (EngineError, EngineUnavailable, _ChildFailed) as error:
            complaints.seek(0)
            last = complaints.read().decode(errors="replace").strip()[-1500:]
            raise ImageUnavailable(f"the base image could not be made: {error}\n{last}") from error
        finally:
            process.kill()
            process.wait()


class _ChildFailed(Exception):
    """mmdebstrap ended with an error: what it wrote is not an image."""


def _whole(process: "subprocess.Popen[bytes]", output: IO[bytes]) -> Iterator[bytes]:
    """The process's output; an error, which breaks the upload off, if the process failed."""
    while piece := output.read(_PIECE_BYTES):
        yield piece
    if process.wait():
        raise _ChildFailed(f"mmdebstrap ended with status {process.returncode}")


def _architecture() -> str:
    machine = platform.machine()
    return {"x86_64": "amd64", "aarch64": "arm64"}.get(machine, machine)
