"""Builds one image from a context in memory, over the engine's API."""

import io
import json
import os
import re
import tarfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from pkg.dockertest.endpoint import home
from pkg.dockertest.engine import Engine
from pkg.dockertest.errors import EngineError, EngineUnavailable, ImageUnavailable
from tools.dev.images_lock import once
from tools.dev.progress import Progress, Step

LABEL = {"berth": "image"}
_STEP = re.compile(r"Step (\d+)/(\d+) : (.*)")
_TAIL_LINES = 12
# Taken over into builds where the caller has them: they name mirrors and proxies.
_PASSED = ("GOPROXY", "http_proxy", "https_proxy", "no_proxy")


def build(
    engine: Engine,
    step: Step,
    tag: str,
    context: Mapping[str, bytes],
    *,
    args: Mapping[str, str],
    labels: Mapping[str, str] | None = None,
) -> None:
    """Builds an image with the engine's own builder and names it when it is whole.

    Args:
        context: the build's files, `Dockerfile` among them.
        args: build arguments; those that the Dockerfile does not declare are left out.

    Raises:
        ImageUnavailable: the build failed; the message has the last lines that it printed.
    """
    query: dict[str, str | int] = {
        "t": tag,
        "rm": 1,
        "forcerm": 1,
        "buildargs": json.dumps(_declared(context["Dockerfile"].decode(), args)),
        "labels": json.dumps({**LABEL, **(labels or {})}),
    }
    headers = {"Content-Type": "application/x-tar"}
    printed: list[str] = []
    try:
        pieces = engine.stream("POST", "/build", query, _tar(context), headers=headers)
        for event in events(pieces):
            if "error" in event:
                raise ImageUnavailable(_failure(tag, event["error"], printed))
            text = str(event.get("stream", "")).rstrip()
            if match := _STEP.match(text):
                step.at(match[3][:60], int(match[1]), int(match[2]))
            if text:
                printed = [*printed[1 - _TAIL_LINES :], text]
    except (EngineError, EngineUnavailable) as error:
        raise ImageUnavailable(_failure(tag, str(error), printed)) from error
    if not engine.image(tag):
        raise ImageUnavailable(_failure(tag, "the engine ended without it", printed))


def build_once(
    engine: Engine,
    progress: Progress,
    tag: str,
    title: str,
    context: Mapping[str, bytes],
    *,
    args: Mapping[str, str],
) -> str:
    """Builds an image unless it is there, or is being built by another; returns its name.

    Args:
        title: what is shown while it is built.

    Raises:
        ImageUnavailable: as `build`.
    """
    with once(tag, progress):
        if not engine.image(tag):
            with progress.step(title) as step:
                build(engine, step, tag, context, args=args)
    return tag


def versions(engine: Engine, name: str) -> str:
    """What an image's recipe recorded in /berth/versions; "" for an image without it."""
    body = {"Image": name, "Cmd": ["none"], "Labels": {"berth": "container", "berth.role": "build"}}
    container = engine.request("POST", "/containers/create", {}, body)["Id"]
    try:
        path = f"/containers/{container}/archive"
        content = b"".join(engine.stream("GET", path, {"path": "/berth/versions"}))
    except EngineError as error:
        if error.status == 404:
            return ""
        raise
    finally:
        engine.request("DELETE", f"/containers/{container}", {"force": 1, "v": 1})
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        file = archive.extractfile("versions")
        return file.read().decode() if file else ""


def certificates() -> bytes:
    """The machine's own CA bundle where one is named, for a build's throw-away stages."""
    named = os.environ.get("SSL_CERT_FILE")
    return Path(named).read_bytes() if named and Path(named).is_file() else b""


def maven_settings() -> bytes:
    """The user's settings of Maven, which name mirrors and proxies, likewise."""
    file = home() / ".m2" / "settings.xml"
    return file.read_bytes() if file.is_file() else b""


def _declared(dockerfile: str, args: Mapping[str, str]) -> dict[str, str]:
    passed = {name: os.environ[name] for name in _PASSED if name in os.environ}
    return {
        name: value
        for name, value in {**passed, **args}.items()
        if name.endswith("_proxy") or re.search(rf"^ARG {name}\b", dockerfile, re.M)
    }


def events(pieces: Iterable[bytes]) -> Iterator[dict[str, str]]:
    """The lines of JSON that the engine prints while it builds, pulls or imports."""
    held = b""
    for piece in pieces:
        *lines, held = (held + piece).split(b"\n")
        yield from (json.loads(line) for line in lines if line.strip())
    if held.strip():
        yield json.loads(held)


def _tar(context: Mapping[str, bytes]) -> bytes:
    """The context as an archive that is the same each time, so that layers are found again."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, content in sorted(context.items()):
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(content), 0o644
            archive.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


def _failure(tag: str, why: str, printed: list[str]) -> str:
    tail = "\n".join(f"  {line}" for line in printed)
    hint = ""
    if "no space left" in f"{why} {tail}".lower():
        hint = "; the disk is full: see docker system df, make room, run the command again"
    elif missing := re.search(r"Unable to locate package (\S+)", tail):
        hint = f"; the package {missing[1]} is not in the suite: see pkg/dockertest/images.toml"
    return f"the image {tag} could not be made: {why.strip()}{hint}; its last lines:\n{tail}"
