"""Old images go when they are named, and no image that anybody uses goes with them."""

import io
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pkg.dockertest import endpoint, image
from tools.dev import image_list, images_tools
from tools.dev.fake_engine import Routes, fake_engine
from tools.dev.problem import Problem

Command = Callable[..., tuple[int, str]]


SHORT_AND_OWN = ["berth/redis:old", "berth/redis:old-1"]


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Routes]:
    """Has the toolbox's and Redis's images, older ones, one that runs, and one without a name."""
    for name in ("DOCKER_HOST", "DOCKER_CONTEXT", "BERTH_IMAGE_REDIS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    monkeypatch.setattr("sys.stdin", io.StringIO())
    redis = f"berth/redis:{image.key(image.pin('redis'))}-1"
    here = {
        images_tools.toolbox_name(): {},
        "berth/toolbox:old": {},
        redis: {image.LABEL_SOURCE: "berth/redis-source:1"},
        "berth/redis-source:1": {},
        "berth/redis:old-1": {},
        "berth/redis:running-1": {},
        "berth/redis-snapshot:new": {},
        "berth/redis-snapshot:unused": {},
        "berth/redis-snapshot:below": {},
    }
    below = {"new": redis, "unused": redis, "below": "berth/redis:old-1"}
    days = {"berth/redis-snapshot:unused": 15}
    with fake_engine() as (one, routes):
        monkeypatch.setattr(endpoint, "DEFAULT_HOST", one.endpoint.host)
        names = {name: [name] for name in here} | {"berth/redis:old-1": SHORT_AND_OWN}
        tagged = [{"Id": f"sha256:{name}", "RepoTags": names[name]} for name in here]
        found = [{"RepoTags": [redis], "Created": 1, "Labels": {}}]
        snapshots = [
            {"RepoTags": [f"berth/redis-snapshot:{tag}"], "Labels": {"berth.base": base}}
            for tag, base in below.items()
        ]
        routes.add(
            "GET /images/json",
            lambda request: request.answer(
                found
                if f"berth/redis:{image.key(image.pin('redis'))}" in request.query["filters"]
                else []
                if "reference" in request.query["filters"]
                else snapshots
                if "berth.role=snapshot" in request.query["filters"]
                else [*tagged, {"Id": "sha256:nameless", "RepoTags": None}]
            ),
        )
        for name, labels in [*here.items(), ("sha256:nameless", {})]:
            used = datetime.now(UTC) - timedelta(days=days.get(name, 0))
            about = {
                "Id": f"id of {name}",
                "Size": 2e6,
                "RepoTags": names.get(name),
                "Config": {"Labels": labels},
                "Metadata": {"LastTagTime": used.isoformat()},
            }
            routes.add(f"GET /images/{name}/json", about)
        routes.add(
            "GET /containers/json",
            [{"Image": "sha256:x", "ImageID": "id of berth/redis:running-1"}],
        )
        routes.add("DELETE .*", None)
        yield routes


@pytest.fixture
def run() -> Command:
    """Runs ./dev images; its status and all that it said."""

    def call(*arguments: str) -> tuple[int, str]:
        out = io.StringIO()
        with redirect_stdout(out), redirect_stderr(out):
            status = image_list.run("images", arguments)
        return status, out.getvalue()

    return call


def deleted(routes: Routes) -> set[str]:
    return {one.removeprefix("DELETE /images/") for one in routes.asked if one.startswith("DELETE")}


def test_prune_removes_what_neither_checkout_nor_container_uses(
    engine: Routes, run: Command
) -> None:
    """The image that a current one is made from stays, too. A snapshot goes with the image below
    it, and when nobody has used it for two weeks."""
    status, said = run("prune", "--yes")
    assert status == 0
    assert deleted(engine) == {
        "berth/toolbox:old",
        *SHORT_AND_OWN,
        "berth/redis-snapshot:unused",
        "berth/redis-snapshot:below",
        "sha256:nameless",
    }
    assert "image      berth/redis:old-1 (2.0 MB)" in said
    assert said.endswith("removed 5 of 5\n")
    assert engine.asked.count("GET /containers/json") == 1


def test_prune_without_a_terminal_wants_yes(engine: Routes, run: Command) -> None:
    """Nothing goes unasked."""
    with pytest.raises(Problem, match=r"to remove it: \./dev images prune --yes"):
        run("prune")
    assert deleted(engine) == set()


def test_list_says_what_the_checkout_does_not_use(engine: Routes, run: Command) -> None:
    """One line for each image."""
    _, said = run("list")
    (old,) = [line for line in said.splitlines() if "berth/redis:old-1" in line]
    assert old.endswith("not used by this checkout")
    (current,) = [line for line in said.splitlines() if images_tools.toolbox_name() in line]
    assert current.endswith("2.0 MB")
    today = datetime.now(UTC).date()
    (snapshot,) = [line for line in said.splitlines() if "berth/redis-snapshot:new" in line]
    assert snapshot.endswith(f"  last used {today}")
    assert "sha256:" not in said
    left = "and 1 without a name, left over from builds: ./dev images prune removes them\n"
    assert said.endswith(left)
    assert deleted(engine) == set()


@pytest.mark.parametrize("words", [["list", "prune"], ["--yes"], ["list", "--yes"]])
def test_words_that_do_not_go_together_are_refused(run: Command, words: list[str]) -> None:
    """With the usage."""
    with pytest.raises(Problem, match=r"usage: \./dev images"):
        run(*words)
