"""clean names what it removes, asks, and goes on after what it cannot remove."""

import io
import os
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

from pkg.dockertest import endpoint
from pkg.dockertest.engine import Engine
from pkg.dockertest.errors import EngineError
from tools.dev import bazelrc, checkouts, clean, engines, images_tools, owners, toolbox, trees
from tools.dev.bazelrc import Bazel
from tools.dev.checkouts import Checkout
from tools.dev.clean_thing import Thing, remove
from tools.dev.fake_engine import Request, Routes, fake_engine
from tools.dev.owners import Processes
from tools.dev.problem import Problem

Fake = tuple[Engine, Routes]
Clean = Callable[..., tuple[int, str]]


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Checkout:
    """A checkout that nothing belongs to, on a machine without an engine."""
    one = Checkout(tmp_path / "checkout", "id", tmp_path / "caches")
    one.root.mkdir()
    (one.root / "BUILD.bazel").touch()
    monkeypatch.setattr(checkouts, "find", lambda: one)
    for name in ("DOCKER_HOST", "DOCKER_CONTEXT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path / "docker"))
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setattr(engines, "_SBIN", "")
    monkeypatch.setattr(endpoint, "DEFAULT_HOST", f"unix://{tmp_path}/none")
    monkeypatch.setattr(owners, "processes", lambda: Processes("here", {7: 50.0}))
    monkeypatch.setattr("sys.stdin", io.StringIO())
    return one


@pytest.fixture
def used(checkout: Checkout) -> Checkout:
    """The checkout after some use."""
    bazelrc.write(checkout.user_bazelrc, Bazel.TOOLBOX, [])
    (checkout.root / "bazel-out").symlink_to("/nowhere")
    (checkout.root / "examples/bazel").mkdir(parents=True)
    (checkout.root / "examples/bazel/bazel-bin").symlink_to("/nowhere")
    (checkout.output_user_root / "tree").mkdir(parents=True)
    (checkout.output_user_root / "tree/file").touch()
    (checkout.output_user_root / "tree").chmod(0o555)
    (checkout.shared / "disk").mkdir(parents=True)
    (checkout.cache / "checkout").write_text(f"{checkout.root}\n")
    return checkout


@pytest.fixture
def fake(checkout: Checkout, monkeypatch: pytest.MonkeyPatch) -> Iterator[Fake]:
    with fake_engine() as (engine, routes):
        monkeypatch.setattr(endpoint, "DEFAULT_HOST", engine.endpoint.host)
        routes.add("GET /networks", [])
        routes.add("GET /volumes", {"Volumes": None})
        routes.add("DELETE .*", None)
        yield engine, routes


@pytest.fixture
def run() -> Clean:
    """Runs clean; its status and all that it said."""

    def call(*options: str) -> tuple[int, str]:
        out = io.StringIO()
        with redirect_stdout(out), redirect_stderr(out):
            status = clean.run("clean", options)
        return status, out.getvalue()

    return call


def container(name: str, role: str, owner: str = "") -> dict[str, object]:
    labels = {"berth.role": role, owners.LABEL: owner}
    return {"Id": name, "Names": [f"/{name}"], "Labels": labels, "Created": 100, "Image": "x"}


def deleted(routes: Routes) -> list[str]:
    return [one.removeprefix("DELETE ") for one in routes.asked if one.startswith("DELETE ")]


@pytest.mark.usefixtures("checkout")
@pytest.mark.parametrize("options", [[], ["--yes"], ["--all"]])
def test_nothing_there_is_said(run: Clean, options: list[str]) -> None:
    status, said = run(*options)
    assert status == 0
    assert "nothing to remove" in said


def test_what_is_the_checkouts_goes(run: Clean, used: Checkout, fake: Fake) -> None:
    _, routes = fake
    found = [container("berth-toolbox-id", "toolbox"), container("berth-id-redis-1", "shared")]
    routes.add("GET /containers/json", found)
    routes.add("GET /containers/berth-toolbox-id/json", {"ExecIDs": None})
    routes.add("GET /networks", [{"Id": "n", "Name": "berth-id_shared"}])
    routes.add("GET /volumes", {"Volumes": [{"Name": "v"}]})
    status, said = run("--yes")
    assert status == 0
    assert "container  berth-toolbox-id (toolbox)" in said
    assert f"directory  {used.cache} (" in said
    assert "what all checkouts share stays" in said
    assert said.endswith("removed\n")
    expected = ["/containers/berth-toolbox-id", "/containers/berth-id-redis-1"]
    assert deleted(routes) == [*expected, "/networks/n", "/volumes/v"]
    left = [path.name for path in used.root.rglob("*")]
    assert sorted(left) == ["BUILD.bazel", "bazel", "examples"]
    assert os.listdir(used.caches) == ["shared"]
    assert run("--yes")[0] == 0


def test_all_is_all(run: Clean, used: Checkout, fake: Fake, tmp_path: Path) -> None:
    """Of other checkouts, too, if they are still in their place."""
    other = Checkout(tmp_path / "other", "other", used.caches)
    (other.root / "tools/dev").mkdir(parents=True)
    (other.root / "tools/dev/clean_files.py").touch()
    bazelrc.write(other.user_bazelrc, Bazel.TOOLBOX, [])
    other.cache.mkdir()
    (other.cache / "checkout").write_text(f"{other.root}\n")
    gone = used.caches / "gone"
    gone.mkdir()
    (gone / "checkout").write_text(f"{tmp_path}/moved\n")
    _, routes = fake
    routes.add("GET /images/json", [{"Id": "sha256:1", "RepoTags": ["berth/a:1"]}])
    routes.add("GET /images/berth/a:1/json", {"Size": 2e6})
    status, said = run("--all", "--yes")
    assert status == 0
    assert "image      berth/a:1 (2.0 MB)" in said
    assert deleted(routes) == ["/images/berth/a:1"]
    assert not used.caches.exists()
    assert not other.user_bazelrc.exists()
    assert not used.user_bazelrc.exists()


def test_without_a_terminal_it_wants_yes(run: Clean, used: Checkout) -> None:
    with pytest.raises(
        Problem, match=r"nothing was removed; .* \./dev clean --all --yes"
    ) as caught:
        run("--all")
    assert caught.value.status == 2
    assert used.cache.exists()


@pytest.mark.parametrize(
    ("answer", "removed"),
    [("y\n", True), ("YES\n", True), ("n\n", False), ("\n", False), ("", False)],
)
def test_on_a_terminal_it_asks(
    run: Clean, used: Checkout, monkeypatch: pytest.MonkeyPatch, answer: str, removed: bool
) -> None:
    terminal = io.StringIO(answer)
    monkeypatch.setattr(terminal, "isatty", lambda: True)
    monkeypatch.setattr("sys.stdin", terminal)
    status, said = run()
    assert "remove? [y/N] " in said
    assert used.cache.exists() is not removed
    assert status == (0 if removed else 1)


def test_it_refuses_while_a_command_runs(run: Clean, used: Checkout, fake: Fake) -> None:
    """By its name."""
    _, routes = fake
    routes.add("GET /containers/json", [container("box", "toolbox")])
    routes.add("GET /containers/box/json", {"ExecIDs": ["done", "going"]})
    routes.add("GET /exec/done/json", {"Running": False, "Pid": 4})
    routes.add("GET /exec/going/json", {"Running": True, "Pid": 5})
    rows = [
        ["5", "1", "python3.13 inside.py"],
        ["6", "5", "bazel --output_user_root=/x test //..."],
    ]
    routes.add("GET /containers/box/top", {"Processes": rows})
    with pytest.raises(Problem, match=r"end these, .*\n  bazel test //\.\.\. \(in box\)"):
        run("--yes")
    assert deleted(routes) == []
    assert used.cache.exists()


def test_commands_are_counted_where_there_is_no_ps(fake: Fake) -> None:
    engine, routes = fake
    routes.add("GET /containers/box/json", {"ExecIDs": ["going"]})
    routes.add("GET /exec/going/json", {"Running": True, "Pid": 5})
    assert toolbox.commands(engine, "box") == ["a dev command"]


@pytest.mark.parametrize(("owner", "refused"), [("here:7", True), ("here:8", False), ("", False)])
def test_it_refuses_while_a_test_runs(run: Clean, fake: Fake, owner: str, refused: bool) -> None:
    """But a leftover goes."""
    _, routes = fake
    routes.add("GET /containers/json", [container("berth-redis-1", "dynamic", owner)])
    if refused:
        with pytest.raises(Problem, match="a test that holds berth-redis-1"):
            run("--yes")
        return
    assert run("--yes")[0] == 0
    assert deleted(routes) == ["/containers/berth-redis-1"]


def test_an_engine_that_is_down_keeps_nothing_else(
    run: Clean, used: Checkout, tmp_path: Path
) -> None:
    """What could not be removed is named, with the next step."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/dockerd").touch(0o755)
    status, said = run("--yes")
    assert status == 1
    assert not used.cache.exists()
    assert "containers, networks and images were left" in said
    assert "then run this command again" in said


def test_without_any_engine_nothing_can_be_left(run: Clean, used: Checkout) -> None:
    status, said = run("--yes")
    assert status == 0
    assert not used.cache.exists()
    assert "the engine is" not in said


def test_what_cannot_be_removed_is_named_and_the_rest_goes(
    run: Clean, used: Checkout, fake: Fake
) -> None:
    _, routes = fake
    routes.add("GET /networks", [{"Id": "n", "Name": "berth-id_shared"}])
    routes.add("DELETE /networks/n", {"message": "has active endpoints"}, 403)
    status, said = run("--yes")
    assert status == 1
    assert "the network berth-id_shared is left: " in said
    assert "has active endpoints" in said
    assert "removed 4 of 5\n" in said
    assert not used.cache.exists()


def test_the_own_bazel_keeps_its_output(run: Clean, used: Checkout) -> None:
    bazelrc.write(used.user_bazelrc, Bazel.OWN, [])
    assert "bazel clean --expunge" in run("--yes")[1]


def test_a_thing_that_depends_on_a_later_one_is_tried_again() -> None:
    """Images whose children are still there."""
    there = {"child"}

    def parent() -> None:
        if there:
            raise Problem("has a child")

    things = [Thing("image", "parent", parent), Thing("image", "child", there.clear)]
    assert remove(things) == []
    there.add("child")
    assert remove(things[:1]) == ["the image parent is left: has a child"]


def test_a_link_in_place_of_the_caches_stays(
    run: Clean, used: Checkout, fake: Fake, tmp_path: Path
) -> None:
    """The user has put them on a larger disk."""
    used.caches.rename(tmp_path / "large")
    used.caches.symlink_to(tmp_path / "large")
    assert run("--all", "--yes")[0] == 0
    assert used.caches.is_symlink()
    assert os.listdir(tmp_path / "large") == []


def test_read_only_trees_go_and_links_are_not_followed(tmp_path: Path) -> None:
    """As Bazel makes them."""
    kept = tmp_path / "kept"
    kept.mkdir()
    (kept / "file").touch()
    deep = tmp_path / "tree/a/b"
    deep.mkdir(parents=True)
    (deep / "file").touch(0o444)
    (deep / "link").symlink_to(kept)
    (tmp_path / "tree/link").symlink_to(kept)
    for directory in (deep, deep.parent, deep.parent.parent):
        directory.chmod(0o000)
    trees.remove(tmp_path / "tree")
    assert os.listdir(tmp_path) == ["kept"]
    assert os.listdir(kept) == ["file"]
    trees.remove(tmp_path / "tree")


def test_another_users_files_are_removed_by_root_or_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tree = tmp_path / "tree"
    tree.mkdir()
    monkeypatch.setattr("shutil.rmtree", lambda _path, onerror: None)
    with pytest.raises(Problem, match=rf"could not be removed .*sudo rm -rf {tree}"):
        trees.remove(tree)
    trees.remove(tree, lambda path: path.rmdir())
    assert not tree.exists()


def test_root_removes_from_inside_a_container(
    run: Clean, used: Checkout, fake: Fake, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the toolbox's image, which goes after that."""
    _, routes = fake
    made: list[bytes] = []

    def create(request: Request) -> None:
        made.append(request.body)
        request.answer({"Id": "c"}, 201)

    def end(request: Request) -> None:
        used.cache.rename(used.root / "removed")
        request.answer({"StatusCode": 0})

    routes.add(f"GET /images/{images_tools.toolbox_name()}/json", {"Id": "x", "Size": 1})
    routes.add("POST /containers/create", create)
    routes.add("POST /containers/c/start", None)
    routes.add("POST /containers/c/wait", end)
    with monkeypatch.context() as patch:
        patch.setattr("shutil.rmtree", lambda _path, onerror: None)
        assert run("--yes")[0] == 0
    assert str(used.caches).encode() in made[0]
    assert deleted(routes) == ["/containers/c"]


def test_what_is_gone_already_is_as_good_as_removed(fake: Fake) -> None:
    """What the engine refuses otherwise is an error."""
    engine, routes = fake
    engine.remove("/networks/gone", {})
    routes.add("DELETE /networks/used", {"message": "has active endpoints"}, 403)
    with pytest.raises(EngineError, match="has active endpoints"):
        engine.remove("/networks/used", {})
