"""A registry hears what docker's own configuration has for it, and no message ever does."""

import base64
import json
import os
from pathlib import Path
from typing import Any

import pytest

from pkg.dockertest import credentials
from pkg.dockertest.credentials import Credentials

HUB = "https://index.docker.io/v1/"
AUTH = base64.b64encode(b"ann:s3cret:1").decode()
ANN = {"username": "ann", "password": "s3cret:1"}


def find(directory: Path, image: str, **config: object) -> Credentials:
    (directory / "config.json").write_text(json.dumps(config))
    path = f"{directory}:{os.defpath}"
    return credentials.find(image, {"DOCKER_CONFIG": str(directory), "PATH": path})


def sent(found: Credentials) -> dict[str, Any] | None:
    """What the engine reads in the header."""
    header = found.headers.get("X-Registry-Auth")
    return None if header is None else dict(json.loads(base64.urlsafe_b64decode(header)))


def helper(directory: Path, name: str, script: str) -> None:
    """A credential helper; what it is asked is left in the file `asked`."""
    file = directory / f"docker-credential-{name}"
    file.write_text(f'#!/bin/sh\n{{ echo "$@"; cat; }} > {directory}/asked\n{script}\n')
    file.chmod(0o755)


@pytest.mark.parametrize(
    ("image", "key"),
    [
        ("redis:8", HUB),
        ("ann/redis", HUB),
        ("docker.io/library/redis:8", HUB),
        ("registry.example.com/team/redis@sha256:1", "registry.example.com"),
        ("registry.example.com/redis", "https://registry.example.com/v1/"),
        ("127.0.0.1:5000/hub/redis:8", "127.0.0.1:5000"),
        ("localhost/redis", "localhost"),
    ],
)
def test_an_image_is_pulled_as_the_user_of_its_registry(
    tmp_path: Path, image: str, key: str
) -> None:
    """And nobody else's registry hears of it."""
    found = sent(find(tmp_path, image, auths={key: {"auth": AUTH}}))
    assert found
    assert found.items() >= ANN.items()
    assert find(tmp_path, "other.example.com/redis", auths={key: {"auth": AUTH}}) == Credentials()


@pytest.mark.parametrize("kind", ["identitytoken", "registrytoken"])
def test_a_token_is_sent_as_such(tmp_path: Path, kind: str) -> None:
    found = sent(find(tmp_path, "r.test/a", auths={"r.test": {kind: "t", "auth": AUTH}}))
    assert found == {kind: "t", "serveraddress": "r.test"}


def test_a_helper_is_asked_for_its_registry(tmp_path: Path) -> None:
    """The one of that registry, not the one of all others."""
    helper(tmp_path, "mine", """echo '{"Username": "ann", "Secret": "s3cret:1"}'""")
    helper(tmp_path, "other", "exit 1")
    found = find(tmp_path, "r.test/a:1", credHelpers={"r.test": "mine"}, credsStore="other")
    assert sent(found) == {**ANN, "serveraddress": "r.test"}
    assert (tmp_path / "asked").read_text() == "get\nr.test"


def test_the_store_of_all_registries_may_have_a_token(tmp_path: Path) -> None:
    helper(tmp_path, "store", """echo '{"Username": "<token>", "Secret": "t"}'""")
    found = find(tmp_path, "redis", credsStore="store", auths={HUB: {}})
    assert sent(found) == {"identitytoken": "t", "serveraddress": HUB}
    assert (tmp_path / "asked").read_text() == f"get\n{HUB}"


def test_a_helper_that_has_none_is_no_fault(tmp_path: Path) -> None:
    helper(tmp_path, "store", "echo credentials not found in native keychain; exit 1")
    assert find(tmp_path, "redis", credsStore="store") == Credentials()


@pytest.mark.parametrize(
    ("script", "why"),
    [
        ("echo s3cret; echo s3cret >&2; exit 3", "get ended with status 3"),
        ("echo s3cret", "get printed no credentials"),
        ("echo '[\"s3cret\"]'", "get printed no credentials"),
    ],
)
def test_a_helper_that_fails_is_named_and_not_quoted(tmp_path: Path, script: str, why: str) -> None:
    helper(tmp_path, "store", script)
    found = find(tmp_path, "redis", credsStore="store")
    assert found == Credentials(note=f"docker-credential-store {why}")


def test_a_helper_that_is_not_there_is_named(tmp_path: Path) -> None:
    """As one that Docker Desktop has left behind."""
    found = find(tmp_path, "redis", credsStore="gone")
    assert found.headers == {}
    assert "docker-credential-gone, which docker's config.json names, is not on" in found.note


@pytest.mark.parametrize("auths", [{"r.test": {"auth": "s3cret!"}}, {"r.test": "s3cret"}, 7])
def test_what_cannot_be_read_is_said_and_not_quoted(tmp_path: Path, auths: object) -> None:
    found = find(tmp_path, "r.test/a", auths=auths)
    assert found.headers == {}
    assert found.note.startswith("docker's config.json cannot be read (")
    assert "s3cret" not in found.note


def test_without_a_configuration_there_are_none(tmp_path: Path) -> None:
    environ = {"DOCKER_CONFIG": str(tmp_path / "none")}
    assert credentials.find("redis", environ) == Credentials()


def test_credentials_are_not_printed(tmp_path: Path) -> None:
    """Where they turn up in a test's output or a traceback."""
    found = find(tmp_path, "redis", auths={HUB: {"auth": AUTH}})
    assert sent(found)
    assert repr(found) == "Credentials(note='')"
