"""The engine is found where docker's command line would find it."""

import hashlib
import json
import os
from pathlib import Path

import pytest

from pkg.dockertest import EngineUnavailable, endpoint


def write_context(configuration: Path, name: str, host: str, *, current: bool = False) -> Path:
    digest = hashlib.sha256(name.encode()).hexdigest()
    meta = configuration / "contexts" / "meta" / digest
    meta.mkdir(parents=True)
    (meta / "meta.json").write_text(json.dumps({"Endpoints": {"docker": {"Host": host}}}))
    if current:
        (configuration / "config.json").write_text(json.dumps({"currentContext": name}))
    return configuration / "contexts" / "tls" / digest / "docker"


def test_without_any_setting_it_is_the_default_socket(tmp_path: Path) -> None:
    """No DOCKER_HOST, no context."""
    assert endpoint.find({"DOCKER_CONFIG": str(tmp_path)}).host == endpoint.DEFAULT_HOST


def test_the_current_context_is_used(tmp_path: Path) -> None:
    """As `docker context use` left it."""
    write_context(tmp_path, "mine", "unix:///run/mine.sock", current=True)
    found = endpoint.find({"DOCKER_CONFIG": str(tmp_path)})
    assert found.socket_path == Path("/run/mine.sock")
    assert found.source == "docker context mine"


def test_docker_context_wins_over_the_current_one(tmp_path: Path) -> None:
    """DOCKER_CONTEXT is for one command."""
    write_context(tmp_path, "mine", "unix:///run/mine.sock", current=True)
    write_context(tmp_path, "other", "unix:///run/other.sock")
    found = endpoint.find({"DOCKER_CONFIG": str(tmp_path), "DOCKER_CONTEXT": "other"})
    assert found.host == "unix:///run/other.sock"


def test_docker_host_wins_over_contexts(tmp_path: Path) -> None:
    """As it does for docker's command line."""
    write_context(tmp_path, "mine", "unix:///run/mine.sock", current=True)
    environ = {"DOCKER_CONFIG": str(tmp_path), "DOCKER_HOST": "tcp://127.0.0.1:2375"}
    assert endpoint.find(environ).host == "tcp://127.0.0.1:2375"


@pytest.mark.parametrize("variable", ["DOCKER_TLS", "DOCKER_TLS_VERIFY"])
def test_what_was_found_is_said_as_variables(tmp_path: Path, variable: str) -> None:
    """Read again, they mean the same engine, checked or not."""
    environ = {"DOCKER_HOST": "tcp://127.0.0.1:2376", "DOCKER_CERT_PATH": str(tmp_path)}
    found = endpoint.find({**environ, variable: "1"})
    assert found.verify == (variable == "DOCKER_TLS_VERIFY")
    assert found.environ() == {**environ, variable: "1"}
    assert endpoint.find(found.environ()) == found


def test_a_context_brings_its_certificates(tmp_path: Path) -> None:
    """Only when all three files are there."""
    tls = write_context(tmp_path, "far", "tcp://127.0.0.1:2376", current=True)
    assert endpoint.find({"DOCKER_CONFIG": str(tmp_path)}).tls is None
    tls.mkdir(parents=True)
    for name in ("ca.pem", "cert.pem", "key.pem"):
        (tls / name).touch()
    assert endpoint.find({"DOCKER_CONFIG": str(tmp_path)}).tls == tls


def test_a_context_that_is_not_there_is_named(tmp_path: Path) -> None:
    """With the command that lists those that are."""
    environ = {"DOCKER_CONFIG": str(tmp_path), "DOCKER_CONTEXT": "gone"}
    with pytest.raises(EngineUnavailable, match=r"docker context gone .* docker context ls"):
        endpoint.find(environ)


def test_an_address_that_is_not_spoken_is_named() -> None:
    """With a way around."""
    named = r"ssh://host: only unix:// and tcp:// .*use an engine of this machine"
    with pytest.raises(EngineUnavailable, match=named):
        endpoint.find({"DOCKER_HOST": "ssh://host"})


def test_a_user_without_home_and_entry_has_no_contexts(monkeypatch: pytest.MonkeyPatch) -> None:
    """The default socket is all there is."""
    monkeypatch.delenv("HOME", raising=False)
    monkeypatch.setattr(os, "getuid", lambda: 54321)
    assert endpoint.home() == Path("/")
    assert endpoint.find({}).host == endpoint.DEFAULT_HOST
