"""What the toolbox takes over from this machine: certificates, pip's settings, proxies, the engine.

Files are mounted read-only at their own paths; variables are passed with each command, so that a
changed one counts at once.
"""

import configparser
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pkg.dockertest import endpoint
from pkg.dockertest.endpoint import Endpoint

# What programs read their CA bundle from. The first is Bazel's, Go's and Python's.
_CERTIFICATE_VARIABLES = ("SSL_CERT_FILE", "PIP_CERT", "REQUESTS_CA_BUNDLE")
_BUNDLES = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
)
_SYSTEM_PIP = (Path("/etc/pip.conf"), Path("/etc/xdg/pip/pip.conf"))
_PIP_SOURCES = ("index-url", "extra-index-url", "trusted-host", "proxy")
_PROXIES = ("http_proxy", "https_proxy", "no_proxy", "all_proxy")
_PASSED = re.compile(r"(BERTH_|PIP_)\w+|TERM|COLORTERM|NO_COLOR|SOURCE_DATE_EPOCH", re.ASCII)
# Places of this machine that the toolbox has its own for.
_KEPT_OUT = ("PIP_CACHE_DIR", "PIP_CONFIG_FILE", "PIP_TARGET", "PIP_PREFIX", "PIP_SRC", "PIP_USER")


@dataclass(frozen=True)
class Machine:
    """What is taken over.

    Attributes:
        files: files and directories to mount read-only at their own paths.
        environ: variables for every command.
    """

    files: tuple[Path, ...]
    environ: Mapping[str, str]


def look(at: Endpoint, environ: Mapping[str, str] = os.environ) -> Machine:
    """Finds what this machine has configured for its user."""
    passed = {
        name: value
        for name, value in environ.items()
        if name not in _KEPT_OUT
        and (_PASSED.fullmatch(name) or name.lower() in _PROXIES)
        and name not in _CERTIFICATE_VARIABLES
    }
    files: list[Path] = []
    configs = _pip_configs(environ)
    for found_files, found_environ in (
        _certificates(environ, configs),
        _pip(environ, configs),
        _netrc(environ),
        _engine(at),
    ):
        files += found_files
        passed |= found_environ
    return Machine(tuple(sorted(set(files))), passed)


def pip_settings(environ: Mapping[str, str] = os.environ) -> str:
    """Where this machine's pip finds packages, as a configuration for a pip elsewhere.

    May hold credentials: for a build's throw-away stages.
    """
    configs = _pip_configs(environ)
    lines = ["[global]"]
    for option in _PIP_SOURCES:
        values = [value for file in configs for value in [_values(file, option)] if value]
        if named := environ.get("PIP_" + option.upper().replace("-", "_"), "").split():
            values.append(named)
        if values:
            lines.append(f"{option} = {' '.join(values[-1])}")
    return "\n".join(lines) + "\n"


def _certificates(
    environ: Mapping[str, str], configs: Sequence[Path]
) -> tuple[list[Path], dict[str, str]]:
    named = {
        name: environ[name]
        for name in _CERTIFICATE_VARIABLES
        if environ.get(name) and Path(environ[name]).is_file()
    }
    usual = [*named.values(), *(path for path in _BUNDLES if Path(path).is_file())]
    # The variable wins over pip's configuration, so it has to say the same.
    for value in (value for file in configs for value in _values(file, "cert")):
        if not environ.get("PIP_CERT") and Path(value).is_file():
            named["PIP_CERT"] = value
    usual += named.values()
    if not usual:
        return [], {}
    variables = {name: named.get(name, usual[0]) for name in _CERTIFICATE_VARIABLES}
    return [Path(path) for path in variables.values()], variables


def _pip(environ: Mapping[str, str], configs: Sequence[Path]) -> tuple[list[Path], dict[str, str]]:
    links = environ.get("PIP_FIND_LINKS", "").split()
    for file in configs:
        links += _values(file, "find-links")
    directories = [Path(link) for link in links if Path(link).is_absolute() and Path(link).exists()]
    user = next((file for file in configs if file not in _SYSTEM_PIP), None)
    return [*configs, *directories], {"PIP_CONFIG_FILE": str(user)} if user else {}


def _pip_configs(environ: Mapping[str, str]) -> list[Path]:
    """The system's files and the user's: the later ones win."""
    home = endpoint.home()
    config = Path(environ.get("XDG_CONFIG_HOME") or home / ".config")
    named = Path(environ.get("PIP_CONFIG_FILE") or config / "pip/pip.conf")
    user = next((file for file in (named, home / ".pip/pip.conf") if file.is_file()), None)
    return [file for file in [*_SYSTEM_PIP, user] if file and file.is_file()]


def _values(file: Path, name: str) -> list[str]:
    """What an option of pip's is set to, in any section."""
    parser = configparser.RawConfigParser()
    try:
        parser.read_string(file.read_text())
    except (OSError, ValueError, configparser.Error):
        return []
    values = [parser.get(section, name, fallback="") for section in parser.sections()]
    return " ".join(values).split()


def _netrc(environ: Mapping[str, str]) -> tuple[list[Path], dict[str, str]]:
    file = Path(environ.get("NETRC") or endpoint.home() / ".netrc")
    return ([file], {"NETRC": str(file)}) if file.is_file() else ([], {})


def _engine(at: Endpoint) -> tuple[list[Path], dict[str, str]]:
    """The engine's address, as plain variables: the toolbox has no docker contexts."""
    if at.host == endpoint.DEFAULT_HOST:
        return [], {}
    return [at.tls] if at.tls else [], at.environ()
