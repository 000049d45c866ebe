"""The base image is pulled, or made from the machine's own mirror, or what is missing is said."""

import io
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pkg.dockertest import ImageUnavailable
from pkg.dockertest.engine import Engine
from tools.dev import images_base
from tools.dev.fake_engine import Request, Routes, fake_engine
from tools.dev.progress import Progress

FULL = "write /blobs/x: no space left on device"


class Machine:
    """A machine without a registry, and its engine."""

    def __init__(
        self, directory: Path, engine: Engine, routes: Routes, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.engine = engine
        self.routes = routes
        self.bin = directory / "bin"
        self.bin.mkdir()
        self.imported: list[bytes] = []
        monkeypatch.setenv("PATH", str(self.bin))
        monkeypatch.setenv("XDG_CACHE_HOME", str(directory / "cache"))
        monkeypatch.setattr(images_base, "debian_mirror", lambda: "http://mirror/debian")
        monkeypatch.setattr(os, "getuid", lambda: 1000)
        routes.add("POST /images/create", self.create)
        self.ending: Callable[[Request], None] = self.take

    def create(self, request: Request) -> None:
        if "fromImage" in request.query:
            request.answer({"message": "no registry answers"}, 500)
        else:
            self.ending(request)

    def take(self, request: Request) -> None:
        self.imported.append(request.body)
        name = f"{request.query['repo']}:{request.query['tag']}"
        self.routes.add(f"GET /images/{name}/json", {"Id": "base"})
        request.begin()
        request.event(status="sha256:1")
        request.chunk(b"")

    def program(self, name: str, script: str) -> None:
        file = self.bin / name
        file.write_text(f"#!/bin/sh\nPATH={os.defpath}\n{script}\n")
        file.chmod(0o755)


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Machine]:
    with fake_engine() as (engine, routes):
        yield Machine(tmp_path, engine, routes, monkeypatch)


def ensure(machine: Machine, suite: str | None = None) -> str:
    return images_base.ensure(machine.engine, Progress(io.StringIO(), live=False), suite)


def test_a_base_that_is_here_is_taken(machine: Machine) -> None:
    machine.routes.add(f"GET /images/{images_base.base_name()}/json", {"Id": "base"})
    assert ensure(machine) == images_base.base_name()
    assert not [one for one in machine.routes.asked if one.startswith("POST")]


def test_where_a_registry_answers_it_is_pulled(machine: Machine) -> None:
    def give(request: Request) -> None:
        machine.routes.add(r"GET /images/debian.*/json", {"Id": "x"})
        request.begin()
        request.event(status="pulled")
        request.chunk(b"")

    machine.routes.add("POST /images/create", give)
    machine.routes.add("POST /images/.*/tag", None)
    assert ensure(machine) == images_base.base_name()
    assert machine.routes.asked[-1].endswith("/tag")


def test_elsewhere_it_is_made_from_the_mirror(machine: Machine) -> None:
    machine.program("mmdebstrap", 'echo "$@" >> "$0.calls"; printf tree')
    assert ensure(machine) == images_base.base_name()
    assert machine.imported == [b"tree"]
    assert "http://mirror/debian" in (machine.bin / "mmdebstrap.calls").read_text()


def test_each_suite_has_a_base_of_its_own(machine: Machine) -> None:
    """For a service whose packages are in another suite; each is made once."""
    machine.program("mmdebstrap", 'echo "$@" >> "$0.calls"; printf tree')
    other = ensure(machine, "bookworm")
    assert other == images_base.base_name("bookworm") != images_base.base_name()
    assert ensure(machine) == images_base.base_name() == images_base.base_name("sid")
    assert ensure(machine, "bookworm") == other
    calls = (machine.bin / "mmdebstrap.calls").read_text().splitlines()
    assert [call.split()[-3] for call in calls] == ["bookworm", "sid"]


def test_another_suites_published_base_is_asked_for(machine: Machine) -> None:
    asked: list[str] = []

    def refuse(request: Request) -> None:
        asked.append(request.query["fromImage"] + ":" + request.query.get("tag", ""))
        request.answer({"message": "no registry answers"}, 500)

    machine.routes.add("POST /images/create", refuse)
    with pytest.raises(ImageUnavailable, match="the base image debian:bookworm-slim cannot be"):
        ensure(machine, "bookworm")
    assert [one.strip(":") for one in asked] == ["debian:bookworm-slim"]


def test_what_cannot_be_pulled_is_said_with_the_reason(machine: Machine) -> None:
    """A refused login or a spent quota is not taken for a machine without a registry."""
    said = io.StringIO()
    assert not images_base.pulled(machine.engine, Progress(said, live=False), "redis:8")
    assert said.getvalue() == (
        "pull redis:8 …\npull redis:8: failed after 0 s\nredis:8 cannot be pulled, and is made "
        "here instead: the Docker Engine refused POST /images/create: no registry answers\n"
    )


@pytest.mark.parametrize("written", ["", "printf half;"])
def test_half_a_tree_is_no_image(machine: Machine, written: str) -> None:
    """The upload is broken off, so the engine never has all of it."""
    machine.program("mmdebstrap", f"{written} echo E: mirror is gone >&2; exit 25")
    with pytest.raises(ImageUnavailable) as caught:
        ensure(machine)
    said = str(caught.value)
    assert "the base image could not be made: mmdebstrap ended with status 25" in said
    assert "E: mirror is gone" in said
    assert machine.imported == []


def full_by_event(request: Request) -> None:
    request.begin()
    request.event(error=FULL)
    request.chunk(b"")


def full_by_status(request: Request) -> None:
    request.answer({"message": FULL}, 500)


def cut(request: Request) -> None:
    request.begin()
    request.break_off()


def nothing(request: Request) -> None:
    request.answer()


@pytest.mark.parametrize(
    ("ending", "why"),
    [(full_by_event, FULL), (full_by_status, FULL), (cut, "broke off"), (nothing, "without it")],
)
def test_an_import_that_fails_is_named(
    machine: Machine, ending: Callable[[Request], None], why: str
) -> None:
    machine.program("mmdebstrap", "printf tree")
    machine.ending = ending
    with pytest.raises(ImageUnavailable, match=f"the base image could not be made: .*{why}"):
        ensure(machine)


def test_the_engine_may_refuse_before_it_has_everything(machine: Machine) -> None:
    """A full disk is noticed in the middle; what it says then is heard."""
    machine.program("mmdebstrap", "exec cat /dev/zero")

    def refuse(request: Request) -> None:
        request.answer({"message": FULL}, 500)
        request.break_off()

    machine.routes.hasty.add("POST /images/create")
    machine.routes.add("POST /images/create", refuse)
    with pytest.raises(ImageUnavailable, match=FULL):
        ensure(machine)


def test_without_mmdebstrap_the_command_that_installs_it_is_said(machine: Machine) -> None:
    with pytest.raises(ImageUnavailable, match="sudo apt-get install mmdebstrap"):
        ensure(machine)


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("sources.list", "deb http://a/debian bookworm main\n", "http://a/debian"),
        ("sources.list", "deb [signed-by=/k] https://a/debian/ sid main\n", "https://a/debian/"),
        ("sources.list.d/x.sources", "Types: deb\nURIs: http://a/debian\n", "http://a/debian"),
        ("sources.list.d/x.list", "# deb http://a/debian x\n", None),
        ("sources.list.d/x.list", "deb http://a/debian-security x main\n", None),
        ("sources.list.d/x.save", "deb http://a/debian x main\n", None),
        ("sources.list", "deb http://a/ubuntu noble main\n", None),
    ],
)
def test_the_mirror_is_the_one_of_apt(
    tmp_path: Path, name: str, text: str, expected: str | None
) -> None:
    (tmp_path / "sources.list.d").mkdir()
    (tmp_path / name).write_text(text)
    assert images_base.debian_mirror(tmp_path) == expected
