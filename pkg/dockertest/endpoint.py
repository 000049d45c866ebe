"""Where the Docker Engine is: DOCKER_HOST, docker contexts, the default socket.

The order is that of docker's own command line: DOCKER_HOST, then DOCKER_CONTEXT, then
the current context of its configuration, then the default socket. Standard library only.
"""

import hashlib
import json
import os
import pwd
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from pkg.dockertest import checkout
from pkg.dockertest.errors import EngineUnavailable

DEFAULT_HOST = "unix:///var/run/docker.sock"
_TLS_FILES = ("ca.pem", "cert.pem", "key.pem")


@dataclass(frozen=True)
class Endpoint:
    """An engine's address.

    Attributes:
        host: a URL, `unix:///path` or `tcp://host:port`.
        source: what named it, for messages.
        tls: the directory with ca.pem, cert.pem and key.pem, or None.
        verify: whether the engine's certificate is checked.
    """

    host: str
    source: str
    tls: Path | None = None
    verify: bool = True

    @property
    def socket_path(self) -> Path | None:
        """The path of the engine's unix socket, or None for another kind of address."""
        parts = urlsplit(self.host)
        return Path(parts.path) if parts.scheme == "unix" else None

    def open(self, timeout: float | None) -> socket.socket:
        """Opens a connection.

        Args:
            timeout: seconds to wait for it and for each answer; None waits for ever.

        Raises:
            EngineUnavailable: nobody listens there, or this user may not connect.
        """
        try:
            return self._open(timeout)
        except PermissionError as error:
            raise EngineUnavailable(
                f"no permission to use the Docker Engine at {self.host} ({self.source}): "
                "add this user to the socket's group (sudo usermod -aG docker $USER, then log in "
                "again), or point DOCKER_HOST at an engine of your own"
            ) from error
        except (OSError, ssl.SSLError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise EngineUnavailable(
                f"no Docker Engine answers at {self.host} ({self.source}): {reason}; "
                f"see what is missing with: {checkout.doctor()}"
            ) from error

    def environ(self) -> dict[str, str]:
        """The variables that make docker's command line use this engine, without contexts."""
        if not self.tls:
            return {"DOCKER_HOST": self.host}
        how = "DOCKER_TLS_VERIFY" if self.verify else "DOCKER_TLS"
        return {"DOCKER_HOST": self.host, "DOCKER_CERT_PATH": str(self.tls), how: "1"}

    def _open(self, timeout: float | None) -> socket.socket:
        if path := self.socket_path:
            connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            connection.settimeout(timeout)
            try:
                connection.connect(str(path))
            except BaseException:
                connection.close()
                raise
            return connection
        parts = urlsplit(self.host)
        plain = socket.create_connection((parts.hostname or "", parts.port or 2375), timeout)
        if not self.tls:
            return plain
        context = ssl.create_default_context(cafile=str(self.tls / "ca.pem"))
        context.load_cert_chain(self.tls / "cert.pem", self.tls / "key.pem")
        if not self.verify:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return context.wrap_socket(plain, server_hostname=parts.hostname)


def find(environ: Mapping[str, str] = os.environ) -> Endpoint:
    """Finds the engine's address as docker's command line would.

    Raises:
        EngineUnavailable: the context is not there, or its address is of a kind that is
            not spoken here.
    """
    if host := environ.get("DOCKER_HOST"):
        certificates = environ.get("DOCKER_CERT_PATH") or str(configuration(environ))
        # docker uses TLS when one of these is set to anything at all.
        verify = bool(environ.get("DOCKER_TLS_VERIFY"))
        tls = Path(certificates) if verify or environ.get("DOCKER_TLS") else None
        return _checked(Endpoint(host, "DOCKER_HOST", tls, verify or not tls))
    name = environ.get("DOCKER_CONTEXT") or _current_context(environ)
    if name and name != "default":
        return _checked(_context(name, environ))
    return Endpoint(DEFAULT_HOST, "the default socket")


def home() -> Path:
    """The user's home directory. Bazel's tests have no HOME, and some users no entry."""
    if named := os.environ.get("HOME"):
        return Path(named)
    try:
        return Path(pwd.getpwuid(os.getuid()).pw_dir)
    except KeyError:
        return Path("/")


def configuration(environ: Mapping[str, str] = os.environ) -> Path:
    """The directory of docker's configuration; it need not be there."""
    return Path(environ.get("DOCKER_CONFIG") or home() / ".docker")


def _current_context(environ: Mapping[str, str]) -> str:
    try:
        text = (configuration(environ) / "config.json").read_text()
        name = json.loads(text).get("currentContext", "")
    except (OSError, ValueError, AttributeError):
        return ""
    return str(name)


def _context(name: str, environ: Mapping[str, str]) -> Endpoint:
    digest = hashlib.sha256(name.encode()).hexdigest()
    contexts = configuration(environ) / "contexts"
    try:
        meta = json.loads((contexts / "meta" / digest / "meta.json").read_text())
        docker = meta["Endpoints"]["docker"]
        host = str(docker["Host"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise EngineUnavailable(
            f"the docker context {name} cannot be read: {error}; list contexts with: "
            "docker context ls"
        ) from error
    tls = contexts / "tls" / digest / "docker"
    has_tls = all((tls / file).is_file() for file in _TLS_FILES)
    verify = not docker.get("SkipTLSVerify", False)
    return Endpoint(host, f"docker context {name}", tls if has_tls else None, verify)


def _checked(endpoint: Endpoint) -> Endpoint:
    scheme = urlsplit(endpoint.host).scheme
    if scheme not in ("unix", "tcp"):
        raise EngineUnavailable(
            f"{endpoint.source} names {endpoint.host}: only unix:// and tcp:// addresses are "
            "spoken, and servers are reached at this machine's 127.0.0.1: use an engine of this "
            "machine"
        )
    return endpoint
