"""Missing images are made once, side by side, and an interrupt does not wait for them."""

import fcntl
import io
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest

from pkg.dockertest import ImageUnavailable, image
from pkg.dockertest.engine import Engine
from pkg.testutil import eventually
from tools.dev import images, images_base, images_tools
from tools.dev.checkouts import caches
from tools.dev.fake_engine import Request, Routes, fake_engine
from tools.dev.images_lock import once
from tools.dev.progress import Progress

ENSURE = (
    "import signal, sys; from tools.dev import images\n"
    "from pkg.dockertest.endpoint import Endpoint; from pkg.dockertest.engine import Engine\n"
    "from tools.dev.progress import Progress\n"
    "signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))\n"
    "images.ensure(Engine(Endpoint(sys.argv[1], 'this test')), Progress(), ['redis', 's3'])\n"
)


class Builds:
    """An engine with a registry, which builds whatever it is asked to.

    Attributes:
        asked: all requests so far.
        names: what was built, in the order in which it was begun.
        bases: what the build of each was told to build on.
        running: how many builds run.
        hold: builds wait for it.
        failing: the part of a name whose builds fail.
        refused: the repository that the registry does not give.
    """

    def __init__(self, engine: Engine, routes: Routes) -> None:
        self.engine = engine
        self.asked = routes.asked
        self.names: list[str] = []
        self.bases: dict[str, str] = {}
        self.running = 0
        self.hold = threading.Event()
        self.hold.set()
        self.failing = "nothing"
        self.refused = "nothing"
        self._here: dict[str, set[str]] = {}  # by each of its names, an image's names
        self._lock = threading.Lock()
        routes.add("GET /images/.*/json", self._about)
        routes.add("GET /images/json", self._list)
        routes.add("POST /images/create", self._pull)
        routes.add("POST /images/.*/tag", self._tag)
        routes.add("POST /build", self._build)
        routes.add("POST /containers/create", {"Id": "c"})
        routes.add("DELETE /containers/c", None)

    def ensure(self, *services: str, toolbox: bool = False) -> None:
        progress = Progress(io.StringIO(), live=False)
        images.ensure(self.engine, progress, services, toolbox=toolbox)

    def _about(self, request: Request) -> None:
        name = request.path.split("/images/")[1].removesuffix("/json").replace("%3A", ":")
        about = {"Id": name, "Config": {"Labels": {}, "Volumes": None}, "Size": 1}
        if name in self._here:
            request.answer({**about, "RepoTags": sorted(self._here[name])})
        else:
            request.answer({"message": "no such image"}, 404)

    def _list(self, request: Request) -> None:
        wanted = request.query.get("filters", "")
        full = [name for name in sorted(self._here) if "-" in name]
        found = [name for name in full if name.split("-")[0] + "-*" in wanted]
        request.answer([{"RepoTags": [name], "Created": 1, "Labels": {}} for name in found])

    def _pull(self, request: Request) -> None:
        query = request.query
        if query["fromImage"] == self.refused:
            request.answer({"message": "dial tcp: no such host"}, 500)
            return
        tag = f":{query['tag']}" if query.get("tag") else ""
        self._add(query["fromImage"] + tag)
        request.answer({})

    def _tag(self, request: Request) -> None:
        name = unquote(request.path.split("/images/")[1].split("/tag?")[0])
        tag = f"{request.query['repo']}:{request.query['tag']}"
        self._here[name].add(tag)
        self._here[tag] = self._here[name]
        request.answer()

    def _build(self, request: Request) -> None:
        name = request.query["t"]
        with self._lock:
            self.names.append(name)
            self.bases[name] = json.loads(request.query["buildargs"]).get("BASE", "")
            self.running += 1
        self.hold.wait(30)
        with self._lock:
            self.running -= 1
        if self.failing in name:
            request.answer({"message": "no space left on device"}, 500)
            return
        self._add(name)
        request.answer()

    def _add(self, name: str) -> None:
        self._here[name] = {name}


@pytest.fixture
def builds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Builds]:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    for service in images.services_of_pins():
        monkeypatch.delenv(f"BERTH_IMAGE_{service.upper()}", raising=False)
    with fake_engine() as (engine, routes):
        one = Builds(engine, routes)
        yield one
        one.hold.set()


def kinds(names: list[str]) -> list[str]:
    return sorted(name.split(":")[0].removeprefix("berth/") for name in names)


def test_an_override_that_cannot_be_had_is_named_by_its_variable(
    builds: Builds, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the engine's own words, and what to name instead."""
    monkeypatch.setenv("BERTH_IMAGE_REDIS", "redis:gone")
    builds.refused = "redis"
    with pytest.raises(ImageUnavailable, match=r"BERTH_IMAGE_REDIS=redis:gone: .*no such host"):
        builds.ensure("redis")
    assert not [name for name in builds.names if name.startswith("berth/redis")]


def test_what_is_missing_is_made_and_then_is_here(builds: Builds) -> None:
    builds.ensure("redis", toolbox=True)
    made = kinds(builds.names)
    assert "redis" in made
    assert "toolbox" in made
    assert images.is_prepared(builds.engine, "redis")
    assert builds.engine.image(images_tools.toolbox_name())
    builds.ensure("redis", toolbox=True)
    assert kinds(builds.names) == made


def test_a_service_is_built_on_the_base_of_its_suite(builds: Builds) -> None:
    """Where its published image cannot be had."""
    builds.refused = "clickhouse/clickhouse-server"
    builds.ensure("clickhouse", "s3")
    bases = {name.split(":")[0]: base for name, base in builds.bases.items()}
    assert bases["berth/clickhouse-source"] == images_base.base_name("bookworm")
    assert bases["berth/s3-source"] == images_base.base_name()
    assert images.is_prepared(builds.engine, "clickhouse")


def test_every_suites_base_is_one_of_this_checkouts_images() -> None:
    """So that pruning keeps what a service's recipe is built on."""
    suites = {table["suite"] for table in image.pins().values() if "suite" in table}
    assert len(suites) > 1
    assert {images_base.base_name(suite) for suite in suites} <= images_tools.names()


def test_two_makers_make_an_image_once(builds: Builds) -> None:
    """Two `./dev test` at once, or two services that need the same parent."""
    builds.hold.clear()
    makers = [
        threading.Thread(target=builds.ensure, args=["redis"], kwargs={"toolbox": True})
        for _ in range(2)
    ]
    for maker in makers:
        maker.start()
    eventually(lambda: builds.running >= 1)
    builds.hold.set()
    for maker in makers:
        maker.join(30)
    assert len(builds.names) == len(set(builds.names))
    assert "redis" in kinds(builds.names)


def test_checkouts_with_another_first_process_share_one_build_of_the_source(
    builds: Builds, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Their prepared images differ, and what those are made from is the same image."""
    images_tools.ensure_init(builds.engine, Progress(io.StringIO(), live=False))
    builds.hold.clear()

    def looks() -> int:
        return sum(one.startswith("GET /images/berth/s3-source:") for one in builds.asked)

    makers = [threading.Thread(target=builds.ensure, args=["s3"]) for _ in range(2)]
    makers[0].start()
    eventually(lambda: builds.running == 1)
    before = looks()
    other = tmp_path / "prepared.Dockerfile"
    other.write_text(image.PREPARED.read_text() + "# another checkout's\n")
    monkeypatch.setattr(image, "PREPARED", other)
    makers[1].start()
    eventually(lambda: looks() > before)
    builds.hold.set()
    for maker in makers:
        maker.join(30)
    made = [name for name in builds.names if name.startswith("berth/s3")]
    assert kinds(made) == ["s3", "s3", "s3-source"]
    assert len(set(made)) == 3


def test_services_are_made_side_by_side(builds: Builds) -> None:
    """Once there is what all of them need."""
    images_tools.ensure_init(builds.engine, Progress(io.StringIO(), live=False))
    builds.hold.clear()
    services = images.services_of_pins()
    maker = threading.Thread(target=builds.ensure, args=services)
    maker.start()
    eventually(lambda: builds.running == len(services))
    builds.hold.set()
    maker.join(30)
    assert all(images.is_prepared(builds.engine, service) for service in services)


def test_one_that_fails_does_not_keep_the_others(builds: Builds) -> None:
    builds.failing = "berth/redis"
    with pytest.raises(ImageUnavailable, match=r"berth/redis:.* the disk is full"):
        builds.ensure("redis", "s3")
    assert images.is_prepared(builds.engine, "s3")
    assert not images.is_prepared(builds.engine, "redis")
    builds.failing = "nothing"
    builds.ensure("redis", "s3")
    assert images.is_prepared(builds.engine, "redis")


def test_the_toolbox_that_fails_is_named(builds: Builds) -> None:
    builds.failing = "berth/toolbox"
    with pytest.raises(ImageUnavailable, match="berth/toolbox:"):
        builds.ensure("redis", toolbox=True)
    assert images.is_prepared(builds.engine, "redis")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_does_not_wait_for_builds(
    builds: Builds, tmp_path: Path, number: signal.Signals
) -> None:
    """The engine gives a build up when nobody listens any more."""
    builds.hold.clear()
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", ENSURE, builds.engine.endpoint.host]
    with subprocess.Popen(command, env=environ, stderr=subprocess.DEVNULL) as process:
        eventually(lambda: builds.running >= 1)
        process.send_signal(number)
        assert process.wait(10) != 0


def test_a_lock_is_one_images(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Held by one maker, free for another image, and free again afterwards."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    out = io.StringIO()
    progress = Progress(out)
    entered = threading.Event()

    def enter() -> None:
        with once("berth/a:1", progress):
            entered.set()

    waiting = threading.Thread(target=enter)
    with once("berth/a:1", progress):
        waiting.start()
        with once("berth/a:2", progress):
            assert not entered.is_set()
    waiting.join(10)
    assert entered.is_set()
    assert out.getvalue() == ""  # what this process makes is shown by its own step


def test_who_waits_for_another_process_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second `./dev` beside one that makes an image is not silent."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    out = io.StringIO()
    directory = caches() / "locks"
    directory.mkdir(parents=True)

    def enter() -> None:
        with once("berth/a:1", Progress(out)):
            pass

    waiting = threading.Thread(target=enter)
    with open(directory / "berth-a-1", "w") as others:
        fcntl.flock(others, fcntl.LOCK_EX)
        waiting.start()
        eventually(lambda: "wait for another dev command, which makes berth/a:1" in out.getvalue())
        assert waiting.is_alive()
    waiting.join(10)
    assert not waiting.is_alive()
