"""On a real registry: what was locked is what is pulled, also after the tag has moved."""

import io
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from pkg.dockertest import engine, image, lock
from pkg.dockertest.engine import Engine
from pkg.testutil import eventually
from tools.dev import images_base, images_build, images_renew
from tools.dev.progress import Progress

_SETTINGS = """\
version: 0.1
log: {{level: error, accesslog: {{disabled: true}}}}
storage: {{filesystem: {{rootdirectory: {folder}}}}}
http: {{addr: "127.0.0.1:{port}", secret: for-this-test}}
"""


class Registry:
    """A registry on loopback with one image, in a mirror of the team's."""

    def __init__(self, at: Engine, port: int) -> None:
        self.engine = at
        self.address = f"127.0.0.1:{port}"
        self.mirror = f"{self.address}/hub"
        self.image = f"test-{uuid4()}:1"

    @property
    def tag(self) -> str:
        return f"{self.mirror}/{self.image}"

    def push(self, content: str) -> str:
        """Pushes an image with this content under the tag; returns its id. It is not here then."""
        parent = (self.engine.image(image.find(self.engine, "redis").name) or {})["Config"]
        dockerfile = f"FROM {parent['Labels'][image.LABEL_INIT]}\nLABEL content={content}\n"
        context = {"Dockerfile": dockerfile.encode()}
        with Progress(io.StringIO(), live=False).step("build") as step:
            images_build.build(self.engine, step, self.tag, context, args={})
        made = str((self.engine.image(self.tag) or {})["Id"])
        headers = {"X-Registry-Auth": "e30="}  # {}: it asks for no credentials
        path = f"/images/{self.tag.removesuffix(':1')}/push"
        said = b"".join(self.engine.stream("POST", path, {"tag": "1"}, headers=headers))
        assert b'"error"' not in said, said
        self.forget(self.tag)
        return made

    def forget(self, name: str) -> None:
        self.engine.request("DELETE", f"/images/{name}", {"force": 1})


@pytest.fixture
def registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Registry]:
    program = shutil.which("docker-registry") or shutil.which("registry")
    if not program:
        pytest.skip("docker-registry is not on PATH; on Debian: apt-get install docker-registry")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    settings = tmp_path / "registry.yaml"
    settings.write_text(_SETTINGS.format(folder=tmp_path / "registry", port=port))
    process = subprocess.Popen([program, "serve", str(settings)])

    def answers() -> None:
        try:
            socket.create_connection(("127.0.0.1", port), 1.0).close()
        except OSError as error:
            raise AssertionError("not yet") from error

    try:
        eventually(answers)
        one = Registry(engine.connect(), port)
        monkeypatch.setenv(lock.REGISTRY, one.mirror)
        yield one
    finally:
        process.kill()
        process.wait()


def test_a_locked_image_is_pulled_by_its_digest_after_its_tag_has_moved(
    registry: Registry,
) -> None:
    """From the mirror that BERTH_REGISTRY names, under its path."""
    first = registry.push("first")
    digest = images_renew.digest(registry.engine, registry.image)
    assert digest
    second = registry.push("second")
    assert images_renew.digest(registry.engine, registry.image) not in (digest, None)

    progress = Progress(io.StringIO(), live=False)
    for locked, expected in ((digest, first), ("", second)):
        reference = lock.reference(registry.image, locked)
        assert images_base.pulled(registry.engine, progress, reference)
        assert (registry.engine.image(reference) or {})["Id"] == expected
        registry.forget(reference)


def test_an_image_that_the_registry_has_not_is_not_pulled(registry: Registry) -> None:
    """It is built from packages then, and its lock stays as it was."""
    reference = lock.reference(registry.image, "sha256:" + "0" * 64)
    progress = Progress(io.StringIO(), live=False)
    assert not images_base.pulled(registry.engine, progress, reference)
    assert images_renew.digest(registry.engine, registry.image) is None
