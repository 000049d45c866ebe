"""The toolbox gets what this machine has configured, and nothing else."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from pkg.dockertest import endpoint
from pkg.dockertest.endpoint import DEFAULT_HOST, Endpoint
from tools.dev import machine
from tools.dev.machine import Machine

DEFAULT = Endpoint(DEFAULT_HOST, "the default socket")
VARIABLES = ("SSL_CERT_FILE", "PIP_CERT", "REQUESTS_CA_BUNDLE")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user's home, on a machine that has no certificates of its own."""
    monkeypatch.setattr(endpoint, "home", lambda: tmp_path)
    monkeypatch.setattr(machine, "_BUNDLES", ())
    monkeypatch.setattr(machine, "_SYSTEM_PIP", ())
    return tmp_path


def look(environ: Mapping[str, str] | None = None, at: Endpoint = DEFAULT) -> Machine:
    return machine.look(at, {} if environ is None else environ)


def write(file: Path, text: str = "") -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    return file


@pytest.mark.usefixtures("home")
def test_a_plain_machine_has_nothing() -> None:
    assert look() == Machine((), {})


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize(
    "name",
    ["https_proxy", "HTTP_PROXY", "no_proxy", "PIP_INDEX_URL", "BERTH_IMAGE_REDIS", "TERM"],
)
def test_settings_are_passed(name: str) -> None:
    assert look({name: "x"}).environ == {name: "x"}


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize(
    "name", ["PATH", "HOME", "PIP_CACHE_DIR", "PIP_TARGET", "PYTHONPATH", "LD_PRELOAD", "XTERM"]
)
def test_the_rest_stays_here(name: str) -> None:
    assert look({name: "/x"}).environ == {}


def test_a_bundle_of_certificates_serves_all_programs(home: Path) -> None:
    bundle = write(home / "ca.pem")
    found = look({"REQUESTS_CA_BUNDLE": str(bundle)})
    assert found.files == (bundle,)
    assert found.environ == dict.fromkeys(VARIABLES, str(bundle))


def test_the_machines_bundle_is_found(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bundle = write(home / "system.pem")
    monkeypatch.setattr(machine, "_BUNDLES", (str(home / "missing.pem"), str(bundle)))
    assert look({"SSL_CERT_FILE": "/gone.pem"}).environ == dict.fromkeys(VARIABLES, str(bundle))


def test_bundles_that_differ_stay_different(home: Path) -> None:
    one, other = write(home / "one.pem"), write(home / "other.pem")
    found = look({"SSL_CERT_FILE": str(one), "PIP_CERT": str(other)})
    assert found.files == (one, other)
    assert found.environ["PIP_CERT"] == str(other)
    assert found.environ["REQUESTS_CA_BUNDLE"] == str(one)


def test_pips_own_bundle_is_not_replaced(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The variable wins over pip's configuration, so it must say the same."""
    monkeypatch.setattr(machine, "_BUNDLES", (str(write(home / "system.pem")),))
    bundle = write(home / "corporate.pem")
    config = write(home / ".config/pip/pip.conf", f"[global]\ncert = {bundle}\n")
    found = look()
    assert found.files == (config, bundle, home / "system.pem")
    assert found.environ["PIP_CERT"] == str(bundle)
    assert found.environ["SSL_CERT_FILE"] == str(home / "system.pem")


@pytest.mark.parametrize("place", [".config/pip/pip.conf", ".pip/pip.conf"])
def test_pips_configuration_comes_with_what_it_names(home: Path, place: str) -> None:
    wheels, more = home / "wheels", home / "more"
    wheels.mkdir()
    more.mkdir()
    text = f"[global]\nindex-url = x\nfind-links =\n  {wheels}\n  {home}/gone\n[install]\n"
    config = write(home / place, text)
    found = look({"PIP_FIND_LINKS": str(more)})
    assert set(found.files) == {config, wheels, more}
    assert found.environ == {"PIP_CONFIG_FILE": str(config), "PIP_FIND_LINKS": str(more)}


def test_pips_configuration_may_be_elsewhere(home: Path) -> None:
    write(home / ".config/pip/pip.conf")
    named = write(home / "named.conf")
    in_xdg = write(home / "xdg/pip/pip.conf")
    assert look({"PIP_CONFIG_FILE": str(named)}).files == (named,)
    assert look({"XDG_CONFIG_HOME": str(home / "xdg")}).files == (in_xdg,)


def test_a_broken_configuration_is_pips_to_complain_about(home: Path) -> None:
    config = write(home / ".config/pip/pip.conf", "no section")
    assert look().files == (config,)


def test_a_pip_elsewhere_finds_packages_in_the_same_places(home: Path) -> None:
    """Each option as this machine's pip takes it, the variable first; nothing else goes along."""
    write(
        home / ".config/pip/pip.conf",
        "[global]\nindex-url = https://a/simple\ncert = /ca.pem\n"
        "[install]\ntrusted-host =\n a\n b\n",
    )
    assert machine.pip_settings({}) == (
        "[global]\nindex-url = https://a/simple\ntrusted-host = a b\n"
    )
    environ = {"PIP_INDEX_URL": "https://b/simple", "PIP_PROXY": "http://p"}
    assert machine.pip_settings(environ) == (
        "[global]\nindex-url = https://b/simple\ntrusted-host = a b\nproxy = http://p\n"
    )


def test_passwords_for_indexes_come_along(home: Path) -> None:
    file = write(home / ".netrc")
    assert look() == Machine((file,), {"NETRC": str(file)})


@pytest.mark.usefixtures("home")
def test_an_engine_elsewhere_is_named_by_variables() -> None:
    """The toolbox has no docker contexts."""
    at = Endpoint("tcp://127.0.0.1:2375", "docker context mine")
    assert look(at=at) == Machine((), {"DOCKER_HOST": at.host})


@pytest.mark.usefixtures("home")
def test_an_engines_certificates_come_along() -> None:
    at = Endpoint("tcp://127.0.0.1:2376", "DOCKER_HOST", Path("/certs"))
    found = look({"DOCKER_HOST": "overridden"}, at)
    assert found.files == (Path("/certs"),)
    assert found.environ == {
        "DOCKER_HOST": at.host,
        "DOCKER_TLS_VERIFY": "1",
        "DOCKER_CERT_PATH": "/certs",
    }
