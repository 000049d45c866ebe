"""A build that does not end well leaves no name behind, and says why."""

import io
import json
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pkg.dockertest import ImageUnavailable
from pkg.dockertest.engine import Engine
from tools.dev import images_build
from tools.dev.fake_engine import Request, Routes, fake_engine
from tools.dev.progress import Progress

TAG = "berth/some:1"
FULL = "write /var/lib/docker/x: no space left on device"
Fake = tuple[Engine, Routes]


@pytest.fixture
def fake() -> Iterator[Fake]:
    with fake_engine() as (engine, routes):
        yield engine, routes


def build(engine: Engine, dockerfile: str = "FROM scratch\n", **args: str) -> None:
    context = {"Dockerfile": dockerfile.encode(), "file": b"content"}
    with Progress(io.StringIO(), live=False).step("image some") as step:
        images_build.build(engine, step, TAG, context, args=args, labels={"a": "b"})


def begun(request: Request) -> None:
    request.begin()
    request.event(stream="Step 1/2 : FROM base\n")
    request.event(stream="Step 2/2 : RUN make\n")
    request.event(stream="cc some.c\n")


def error_event(request: Request) -> None:
    begun(request)
    request.event(error=FULL)
    request.chunk(b"")


def cut_between_pieces(request: Request) -> None:
    begun(request)
    request.break_off()


def cut_in_a_piece(request: Request) -> None:
    begun(request)
    request.wfile.write(b"100\r\n{")
    request.break_off()


def cut_before_the_answer(request: Request) -> None:
    request.break_off()


def ended_without_an_image(request: Request) -> None:
    begun(request)
    request.chunk(b"")


def refused(request: Request) -> None:
    request.answer({"message": FULL}, 500)


@pytest.mark.parametrize(
    ("ending", "why"),
    [
        (error_event, "no space left on device; the disk is full: see docker system df"),
        (refused, "no space left on device; the disk is full: see docker system df"),
        (cut_between_pieces, "broke off"),
        (cut_in_a_piece, "broke off"),
        (cut_before_the_answer, "broke off"),
        (ended_without_an_image, "its last lines"),
    ],
)
def test_a_build_that_breaks_is_named_with_the_reason(
    fake: Fake, ending: Callable[[Request], None], why: str
) -> None:
    """And the engine was never asked to name anything: it does that itself, at the end."""
    engine, routes = fake
    routes.add("POST /build", ending)
    with pytest.raises(ImageUnavailable) as caught:
        build(engine)
    said = str(caught.value)
    assert f"the image {TAG} could not be made: " in said
    assert why in said
    assert not [one for one in routes.asked if "/tag" in one]


def test_its_last_lines_are_shown(fake: Fake) -> None:
    engine, routes = fake
    routes.add("POST /build", error_event)
    with pytest.raises(ImageUnavailable, match=r"last lines:\n(.*\n)*  cc some.c"):
        build(engine)


def test_a_package_that_is_not_there_is_named(fake: Fake) -> None:
    engine, routes = fake

    def lacking(request: Request) -> None:
        request.begin()
        request.event(stream="E: Unable to locate package redis-serve\n")
        request.event(error="returned a non-zero code: 100")
        request.chunk(b"")

    routes.add("POST /build", lacking)
    with pytest.raises(ImageUnavailable, match=r"the package redis-serve is not in .*images\.toml"):
        build(engine)


def test_the_next_build_succeeds(fake: Fake) -> None:
    engine, routes = fake
    routes.add("POST /build", cut_between_pieces)
    with pytest.raises(ImageUnavailable):
        build(engine)

    def whole(request: Request) -> None:
        begun(request)
        routes.add(f"GET /images/{TAG}/json", {"Id": "x"})
        request.chunk(b"")

    routes.add("POST /build", whole)
    build(engine)


def test_the_engine_gets_all_that_it_needs(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only arguments that the Dockerfile declares; it would complain about others."""
    engine, routes = fake
    sent: list[Request] = []

    def take(request: Request) -> None:
        sent.append(request)
        request.answer()

    routes.add("POST /build", take)
    routes.add(f"GET /images/{TAG}/json", {"Id": "x"})
    monkeypatch.setenv("GOPROXY", "direct")
    monkeypatch.setenv("https_proxy", "http://proxy")
    monkeypatch.delenv("http_proxy", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    build(engine, "ARG BASE\nFROM ${BASE}\nARG GOPROXY\n", BASE="b", BASES="c")
    query = sent[0].query
    assert query["t"] == TAG
    assert json.loads(query["buildargs"]) == {
        "BASE": "b",
        "GOPROXY": "direct",
        "https_proxy": "http://proxy",
    }
    assert json.loads(query["labels"]) == {"berth": "image", "a": "b"}
    with tarfile.open(fileobj=io.BytesIO(sent[0].body)) as archive:
        assert archive.getnames() == ["Dockerfile", "file"]


def archive_of(name: str, content: bytes) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        entry = tarfile.TarInfo(name)
        entry.size = len(content)
        archive.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


@pytest.mark.parametrize(("there", "expected"), [(True, "redis=8\n"), (False, "")])
def test_versions_are_read_and_no_container_stays(fake: Fake, there: bool, expected: str) -> None:
    engine, routes = fake

    def give(request: Request) -> None:
        request.begin()
        request.chunk(archive_of("versions", b"redis=8\n"))
        request.chunk(b"")

    routes.add("POST /containers/create", {"Id": "c"})
    routes.add("DELETE /containers/c", None)
    if there:
        routes.add("GET /containers/c/archive", give)
    assert images_build.versions(engine, "some") == expected
    assert routes.asked[-1] == "DELETE /containers/c"


def test_the_machines_certificates_are_taken_where_they_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "missing"))
    assert images_build.certificates() == b""
    (tmp_path / "ca").write_bytes(b"ca")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca"))
    assert images_build.certificates() == b"ca"


def test_mavens_settings_are_taken_where_the_user_has_some(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They name mirrors and proxies."""
    monkeypatch.setattr(images_build, "home", lambda: tmp_path)
    assert images_build.maven_settings() == b""
    (tmp_path / ".m2").mkdir()
    (tmp_path / ".m2" / "settings.xml").write_bytes(b"<settings/>")
    assert images_build.maven_settings() == b"<settings/>"
