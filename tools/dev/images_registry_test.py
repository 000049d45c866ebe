"""On a real registry: what was locked is what is pulled, and by whoever may."""

import base64
import io
import json
import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import pytest

from pkg.dockertest import EngineError, credentials, engine, image, lock
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
_CLOSED = "auth: {{htpasswd: {{realm: this-test, path: {folder}/htpasswd}}}}\n"
_PASSWORD = "s3cret-of-this-test"
# Of this password, by bcrypt, which is all that the registry takes.
_HTPASSWD = "ann:$2y$04$abcdefghijklmnopqrstuucVhuPVDuaIhWoROGiJ/sRCQ/UFIOlu6\n"


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
        nobody = {"X-Registry-Auth": "e30="}  # {}: the engine wants the header
        headers = credentials.find(self.tag).headers or nobody
        path = f"/images/{self.tag.removesuffix(':1')}/push"
        said = b"".join(self.engine.stream("POST", path, {"tag": "1"}, headers=headers))
        assert b'"error"' not in said, said
        self.forget(self.tag)
        return made

    def forget(self, name: str) -> None:
        self.engine.request("DELETE", f"/images/{name}", {"force": 1})


@contextmanager
def serving(directory: Path, settings: str) -> Iterator[Registry]:
    """A registry with these settings and its data in the directory."""
    program = shutil.which("docker-registry") or shutil.which("registry")
    if not program:
        pytest.skip("docker-registry is not on PATH; on Debian: apt-get install docker-registry")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    file = directory / "registry.yaml"
    file.write_text(settings.format(folder=directory / "registry", port=port))
    process = subprocess.Popen([program, "serve", str(file)])

    def answers() -> None:
        try:
            socket.create_connection(("127.0.0.1", port), 1.0).close()
        except OSError as error:
            raise AssertionError("not yet") from error

    try:
        eventually(answers)
        yield Registry(engine.connect(), port)
    finally:
        process.kill()
        process.wait()


@pytest.fixture
def registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Registry]:
    """Open to everybody."""
    with serving(tmp_path, _SETTINGS) as one:
        monkeypatch.setenv(lock.REGISTRY, one.mirror)
        yield one


@pytest.fixture
def closed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Registry]:
    """One that only ann may use; docker's configuration is in the folder `docker`, empty yet."""
    (tmp_path / "registry").mkdir()
    (tmp_path / "registry" / "htpasswd").write_text(_HTPASSWD)
    (tmp_path / "docker").mkdir()
    with serving(tmp_path, _SETTINGS + _CLOSED) as one:
        monkeypatch.setenv(lock.REGISTRY, one.mirror)
        monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path / "docker"))
        yield one


def log_in(registry: Registry, directory: Path, password: str) -> None:
    """As `docker login` does."""
    auth = base64.b64encode(f"ann:{password}".encode()).decode()
    config = {"auths": {registry.address: {"auth": auth}}}
    (directory / "docker" / "config.json").write_text(json.dumps(config))


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


def test_a_closed_registry_is_used_as_the_user_who_is_logged_in(
    closed: Registry, tmp_path: Path
) -> None:
    """Its digests are locked and its images pulled; nobody else has either."""
    log_in(closed, tmp_path, _PASSWORD)
    made = closed.push("closed")
    digest = images_renew.digest(closed.engine, closed.image)
    assert digest
    assert closed.engine.pull(lock.reference(closed.image, digest))["Id"] == made
    closed.forget(lock.reference(closed.image, digest))

    (tmp_path / "docker" / "config.json").unlink()
    assert images_renew.digest(closed.engine, closed.image) is None
    with pytest.raises(EngineError, match="no basic auth credentials"):
        closed.engine.pull(closed.tag)


def test_a_credential_helper_logs_in_as_well(
    closed: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that fails is named beside what the registry says."""
    log_in(closed, tmp_path, _PASSWORD)
    made = closed.push("closed")
    config = tmp_path / "docker" / "config.json"
    config.write_text(json.dumps({"credHelpers": {closed.address: "of-this-test"}}))
    with pytest.raises(EngineError, match="were sent: docker-credential-of-this-test, which"):
        closed.engine.pull(closed.tag)
    helper = tmp_path / "docker-credential-of-this-test"
    said = json.dumps({"Username": "ann", "Secret": _PASSWORD})
    helper.write_text(f"#!/bin/sh\necho '{said}'\n")
    helper.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    assert images_renew.digest(closed.engine, closed.image)
    assert closed.engine.pull(closed.tag)["Id"] == made
    closed.forget(closed.tag)


def test_a_wrong_password_is_refused_and_not_shown(closed: Registry, tmp_path: Path) -> None:
    """The message has the registry's words."""
    log_in(closed, tmp_path, "wr0ng")
    with pytest.raises(EngineError) as refused:
        closed.engine.pull(closed.tag)
    assert "unauthorized" in str(refused.value)
    assert "wr0ng" not in str(refused.value)
    assert "ann" not in str(refused.value)
