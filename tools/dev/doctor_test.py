"""doctor names what is wrong with the command that mends it, and changes nothing."""

import io
import os
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from pathlib import Path

import pytest

from pkg.dockertest import endpoint, image
from pkg.dockertest.engine import Engine
from tools.dev import (
    advice,
    bazelrc,
    checkouts,
    choice,
    disk,
    doctor,
    doctor_engine,
    engines,
    findings,
    images_base,
    images_tools,
    toolbox,
)
from tools.dev.bazelrc import Bazel
from tools.dev.checkouts import Checkout
from tools.dev.fake_engine import Request, Routes, fake_engine
from tools.dev.findings import Mark, off, ok, wrong
from tools.dev.owners import Processes

Doctor = Callable[[], tuple[int, str]]


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Checkout:
    """A checkout that was set up for the toolbox, on a machine that has nothing else."""
    (tmp_path / "checkout").mkdir()
    one = Checkout(tmp_path / "checkout", "id", tmp_path / "caches")
    bazelrc.write(one.user_bazelrc, Bazel.TOOLBOX, [])
    monkeypatch.setattr(checkouts, "find", lambda: one)
    for name in ("DOCKER_HOST", "DOCKER_CONTEXT", choice.VARIABLE):
        monkeypatch.delenv(name, raising=False)
    for name in image.pins():
        monkeypatch.delenv(image.override_variable(name), raising=False)
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path / "docker"))
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setattr(engines, "_SBIN", "")
    monkeypatch.setattr(endpoint, "DEFAULT_HOST", f"unix://{tmp_path}/none")
    monkeypatch.setattr(disk, "LOW_BYTES", 0)
    return one


@pytest.fixture
def run(checkout: Checkout) -> Doctor:
    """Runs doctor; its status and its output."""

    def call() -> tuple[int, str]:
        out = io.StringIO()
        with redirect_stdout(out):
            status = doctor.run("doctor", [])
        return status, out.getvalue()

    return call


@pytest.fixture
def engine(checkout: Checkout, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Engine, Routes]]:
    """An engine at the default socket with everything in it."""
    with fake_engine() as (engine, routes):
        monkeypatch.setattr(endpoint, "DEFAULT_HOST", engine.endpoint.host)
        routes.add("GET /images/.*/json", {"Size": 2e6, "Config": {"Labels": {}}})
        tags = [
            f"berth/{name}:{image.key(image.pin(name))}-v"
            for name in image.pins()
            if name != "base"
        ]

        def images(request: Request) -> None:
            wanted = request.query["filters"]
            found = [tag for tag in tags if tag[: -len("v")] in wanted]
            request.answer([{"RepoTags": [tag], "Created": 1, "Labels": {}} for tag in found])

        routes.add("GET /images/json", images)
        yield engine, routes


def test_a_bare_machine_is_described(run: Doctor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "getuid", lambda: 1000)
    monkeypatch.setattr(advice, "_family", lambda _file: "debian")
    status, said = run()
    assert status == 1
    assert "!!  engine            not installed: none answers at unix://" in said
    assert "\n                        sudo apt-get install -y docker.io\n" in said
    assert said.endswith("1 thing is wrong\n")


def test_an_engine_that_is_down_has_the_command(run: Doctor, tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/dockerd").touch(0o755)
    status, said = run()
    assert status == 1
    assert "installed, and does not answer" in said
    assert "docker start\n" in said or "start docker\n" in said


def test_an_engine_that_was_named_is_named(run: Doctor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///gone")
    _, said = run()
    assert "none answers at unix:///gone (DOCKER_HOST): No such file or directory" in said
    assert "unset DOCKER_HOST" in said


def test_a_context_that_cannot_be_read_is_named(
    run: Doctor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_CONTEXT", "gone")
    status, said = run()
    assert status == 1
    assert "the docker context gone cannot be read" in said
    assert "docker context ls" in said


def test_all_is_well(run: Doctor, engine: tuple[Engine, Routes]) -> None:
    """What runs only on demand may be off."""
    engine[1].add("GET /containers/berth-toolbox-id/json", {"message": "none"}, 404)
    status, said = run()
    assert said.endswith("all is well\n")
    assert status == 0
    assert "ok  engine            24.0.0 at unix://" in said
    assert "ok  Bazel             the toolbox's\n" in said
    assert "ok  image redis       berth/redis:" in said
    assert "--  toolbox           is not there; the next command makes it\n" in said
    assert "--  shared            down" in said
    assert "ok  leftovers         none\n" in said


def test_it_changes_nothing(run: Doctor, engine: tuple[Engine, Routes], checkout: Checkout) -> None:
    before = sorted(checkout.root.parent.rglob("*"))
    run()
    assert sorted(checkout.root.parent.rglob("*")) == before
    assert all(one.startswith("GET ") for one in engine[1].asked)


def test_missing_images_have_the_command(run: Doctor, engine: tuple[Engine, Routes]) -> None:
    _, routes = engine
    routes.add("GET /images/json", [])
    routes.add("GET /images/.*/json", {"message": "none"}, 404)
    status, said = run()
    assert status == 1
    for name in ("toolbox", "redis"):
        state = "not made yet, or its recipe has changed: ./dev images\n"
        assert f"!!  image {name:<10}  {state}" in said


def test_mmdebstrap_is_named_only_where_it_is_used(
    run: Doctor, engine: tuple[Engine, Routes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(images_base, "debian_mirror", lambda: "http://mirror/debian")
    assert "install -y mmdebstrap" not in run()[1]
    engine[1].add(f"GET /images/{images_base.base_name()}/json", {"message": "none"}, 404)
    assert "install -y mmdebstrap" not in run()[1]
    engine[1].add(f"GET /images/{images_tools.toolbox_name()}/json", {"message": "none"}, 404)
    assert "apt-get install -y mmdebstrap" in run()[1]


def test_the_base_of_a_lacking_services_own_suite_counts(
    run: Doctor, engine: tuple[Engine, Routes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(images_base, "debian_mirror", lambda: "http://mirror/debian")
    _, routes = engine
    routes.add(f"GET /images/{images_base.base_name('bookworm')}/json", {"message": "none"}, 404)
    routes.add(f"GET /images/{images_tools.toolbox_name()}/json", {"message": "none"}, 404)
    assert "install -y mmdebstrap" not in run()[1]
    routes.add("GET /images/json", [])
    monkeypatch.setattr(image, "_found", {})  # as a doctor who comes later does
    assert "apt-get install -y mmdebstrap" in run()[1]


def test_an_image_by_override_is_not_pulled(
    run: Doctor, engine: tuple[Engine, Routes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BERTH_IMAGE_REDIS", "team/redis:1")
    engine[1].add("GET /images/team/redis:1/json", {"message": "none"}, 404)
    assert "BERTH_IMAGE_REDIS=team/redis:1 is not here; to pull it: ./dev images" in run()[1]
    assert not [one for one in engine[1].asked if one.startswith("POST")]


def test_a_bazel_that_was_not_chosen_has_the_command(run: Doctor, checkout: Checkout) -> None:
    checkout.user_bazelrc.unlink()
    line = "--  Bazel             not chosen yet; the next command chooses, as does: ./dev setup\n"
    assert line in run()[1]


def test_an_own_bazel_that_is_gone_has_the_command(run: Doctor, checkout: Checkout) -> None:
    bazelrc.write(checkout.user_bazelrc, Bazel.OWN, [])
    assert "is not on PATH any more: ./dev setup --again\n" in run()[1]


def test_a_path_that_bazel_cannot_use_has_the_step(
    run: Doctor, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    one = Checkout(tmp_path / "a b", "id", tmp_path)
    monkeypatch.setattr(checkouts, "find", lambda: one)
    status, said = run()
    assert status == 1
    assert "!!  checkout          the path" in said
    assert "move the checkout to another directory" in said


@pytest.mark.parametrize(
    ("state", "label", "said"),
    [
        (True, "same", "ok  toolbox           berth-toolbox-id is running"),
        (False, "same", "is stopped; the next command starts it"),
        (True, "other", "is outdated; the next command replaces it"),
    ],
)
def test_the_toolbox_is_described(
    run: Doctor,
    engine: tuple[Engine, Routes],
    monkeypatch: pytest.MonkeyPatch,
    state: bool,
    label: str,
    said: str,
) -> None:
    wanted = {"Labels": {toolbox.LABEL_SETTINGS: "same"}}
    monkeypatch.setattr(toolbox, "settings", lambda *_: wanted)
    found = {"State": {"Running": state}, "Config": {"Labels": {toolbox.LABEL_SETTINGS: label}}}
    engine[1].add("GET /containers/berth-toolbox-id/json", found)
    assert said in run()[1]


@pytest.mark.parametrize(
    ("version", "said"),
    [
        ({"Version": "19.03", "ApiVersion": "1.40"}, "is older than 20.10"),
        ({"Version": "24", "ApiVersion": "1.43", "Os": "windows"}, "runs no Linux containers"),
    ],
)
def test_an_engine_that_is_of_no_use_is_named(
    run: Doctor, engine: tuple[Engine, Routes], version: dict[str, str], said: str
) -> None:
    engine[1].add("GET /version", version)
    status, text = run()
    assert status == 1
    assert said in text


def listed(name: str, owner: str) -> dict[str, object]:
    labels = {"berth.owner": owner, "berth.checkout": "id"}
    return {"Names": [f"/{name}"], "Labels": labels, "Created": 100, "Id": name}


def test_leftovers_are_named(checkout: Checkout, engine: tuple[Engine, Routes]) -> None:
    """With those that are held by tests, and those of which nothing is known."""
    one, routes = engine
    here = Processes("here", {7: 50.0})
    found = [listed("held", "here:7"), listed("far", "there:1")]
    routes.add("GET /containers/json", found)
    fine = doctor_engine.leftovers(checkout, one, lambda: here, within=0)
    assert fine == ok(
        "leftovers",
        "none; 1 container held by running tests; 1 container with an owner on another host",
    )
    routes.add("GET /containers/json", [*found, listed("left", "here:8")])
    left = doctor_engine.leftovers(checkout, one, lambda: here, within=0)
    assert left.state == "1 container without a living owner"
    assert left.step == "./dev clean"  # no docker on PATH here


def test_a_container_that_is_about_to_end_is_no_leftover(
    checkout: Checkout, engine: tuple[Engine, Routes]
) -> None:
    one, routes = engine
    routes.add("GET /containers/json", [listed("ending", "here:8")])

    def look() -> Processes:
        routes.add("GET /containers/json", [])
        return Processes("here", {7: 50.0})

    assert doctor_engine.leftovers(checkout, one, look).mark is Mark.OK


def test_a_disk_that_is_nearly_full_has_a_step(tmp_path: Path) -> None:
    assert disk.room("caches", tmp_path / "not/yet", "./dev clean", low=0).mark is Mark.OK
    full = disk.room("caches", tmp_path, "./dev clean", low=float("inf"))
    assert full.mark is Mark.WRONG
    assert full.state.startswith("only ")
    assert full.step == "./dev clean"


def test_a_directorys_size_is_found(tmp_path: Path) -> None:
    (tmp_path / "a/b").mkdir(parents=True)
    (tmp_path / "a/b/file").write_bytes(b"x" * 100_000)
    (tmp_path / "loop").symlink_to(tmp_path)
    size, whole = disk.size(tmp_path)
    assert whole
    assert 100_000 <= size < 200_000
    assert disk.size(tmp_path, within=-1)[1] is False
    assert disk.size(tmp_path / "gone") == (0, True)


@pytest.mark.parametrize(
    ("count", "expected"), [(5e9, "5.0 GB"), (1.25e6, "1.2 MB"), (2000, "2.0 kB"), (12, "12 bytes")]
)
def test_sizes_are_written_as_people_read_them(count: float, expected: str) -> None:
    assert disk.shown(count) == expected


def test_lines_are_aligned_and_fit() -> None:
    text = findings.lines(
        [ok("a", "fine"), wrong("b", "x" * 90, "mend it"), off("c", "off", "one\n  two")]
    )
    assert text == [
        "ok  a                 fine",
        "!!  b                 " + "x" * 90 + ":",
        "                        mend it",
        "--  c                 off:",
        "                        one",
        "                        two",
    ]
