"""On a real engine: a build that breaks leaves no image, and the next one makes it."""

import io
import json
import os
import secrets
import subprocess
import sys
from collections.abc import Iterator

import pytest

from pkg.dockertest import ImageUnavailable, engine, image
from pkg.dockertest.engine import Engine
from pkg.testutil import eventually
from tools.dev import images, images_build
from tools.dev.progress import Progress

BUILD = (
    "import json, sys; from pkg.dockertest import engine; from tools.dev import images_build\n"
    "from tools.dev.progress import Progress\n"
    "tag, dockerfile = sys.argv[1:]\n"
    "with Progress().step('build') as step: images_build.build(\n"
    "    engine.connect(), step, tag, {'Dockerfile': dockerfile.encode()}, args={})\n"
)


class Builds:
    """Builds of one image on top of a prepared one."""

    def __init__(self, at: Engine) -> None:
        self.engine = at
        self.tag = f"berth/test-{secrets.token_hex(6)}:1"
        self.base = image.find(at, "redis").name

    def dockerfile(self, command: str) -> str:
        return f"FROM {self.base}\nUSER 0\nRUN {command}\n"

    def build(self, command: str) -> None:
        context = {"Dockerfile": self.dockerfile(command).encode()}
        with Progress(io.StringIO(), live=False).step("build") as step:
            images_build.build(self.engine, step, self.tag, context, args={})

    def is_named(self) -> bool:
        return self.engine.image(self.tag) is not None

    def steps(self, text: str) -> list[str]:
        """The containers of build steps whose command has this text."""
        listed = self.engine.request("GET", "/containers/json", {"all": 1})
        return [one["Id"] for one in listed if text in one["Command"]]


@pytest.fixture
def builds() -> Iterator[Builds]:
    one = Builds(engine.connect())
    yield one
    if one.is_named():
        one.engine.request("DELETE", f"/images/{one.tag}", {"force": 1})


def test_a_step_that_fails_makes_no_image(builds: Builds) -> None:
    mark = secrets.token_hex(6)
    with pytest.raises(ImageUnavailable, match="non-zero code: 1") as caught:
        builds.build(f"echo {mark} > /half && echo written && exit 1")
    said = str(caught.value)
    assert f"the image {builds.tag} could not be made: " in said
    assert "  written" in said
    assert not builds.is_named()
    assert builds.steps(mark) == []
    builds.build("test ! -e /half")
    assert builds.is_named()


def test_a_full_disk_makes_no_image(builds: Builds) -> None:
    """What the engine's own programs say of it, and the step that makes room."""
    with pytest.raises(ImageUnavailable, match="the disk is full: see docker system df"):
        builds.build("cat /dev/zero > /dev/full")
    assert not builds.is_named()


def test_a_maker_that_is_killed_makes_no_image(builds: Builds) -> None:
    """The engine ends the step that runs, and the next maker begins anew."""
    mark = f"6{secrets.randbelow(10**6):06}"
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", BUILD, builds.tag, builds.dockerfile(f"sleep {mark}")]
    with subprocess.Popen(command, env=environ, stderr=subprocess.DEVNULL) as maker:
        eventually(lambda: len(builds.steps(mark)) == 1, within=30)
        maker.kill()
    eventually(lambda: builds.steps(mark) == [], within=30)
    assert not builds.is_named()
    builds.build("true")
    assert builds.is_named()


def test_what_was_made_is_known_as_ours(builds: Builds) -> None:
    """clean --all finds it by its label."""
    builds.build("true")
    assert builds.tag in images.ours(builds.engine)
    about = builds.engine.image(builds.tag)
    assert about
    assert json.dumps(about["Config"]["Labels"]).count('"berth": "image"') == 1
