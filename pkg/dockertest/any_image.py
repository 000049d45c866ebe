"""Any image: `dockertest.start(Container(image="…", port=8080, ready=http_ok("/health")))`."""

import http.client
import inspect
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any, ClassVar

from pkg.dockertest import first_process, image, sealed_image
from pkg.dockertest.engine import Engine
from pkg.dockertest.errors import InvalidOption
from pkg.dockertest.image import Image
from pkg.dockertest.options import matching, whole_number
from pkg.dockertest.service import Running, Server, Service

__all__ = ["Container", "ContainerServer", "http_ok"]

_LEAST_MB = 16
_MOST_MB = 1 << 20
_MOST_ENV_BYTES = 1 << 20  # what the first process takes
_RESERVED = ("/berth", "/dev", "/proc", "/sys")
_HTTP_SECONDS = 1.0  # what a call of ready may take


@dataclass(frozen=True, kw_only=True)
class ContainerServer(Server):
    """A server from any image, ready for use.

    Attributes:
        ports: the published port for each port in the container.
    """

    ports: Mapping[int, int]


class NotYet(Exception):
    """What `ready` returned says that the server is not usable yet."""


def http_ok(path: str = "/") -> Callable[[ContainerServer], None]:
    """A `ready` that asks for a path over HTTP: the server is usable when it answers 2xx."""

    def ready(server: ContainerServer) -> None:
        connection = http.client.HTTPConnection(server.host, server.port, timeout=_HTTP_SECONDS)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            if not 200 <= answer.status < 300:
                raise NotYet(f"GET {path}: {answer.status} {answer.reason}")
        finally:
            connection.close()

    return ready


@dataclass(frozen=True, kw_only=True)
class Container(Service[ContainerServer]):
    """A server from an image that is not made for tests, pulled if it is not here.

    If not sealed, it runs as the image says: its user, its programs, a root that it may write to,
    always in a new container. What it writes is gone with it. Its program has to stay in the
    foreground.

    Attributes:
        image: the image's name.
        port: the TCP port that the server listens on, on all of the container's addresses.
        ready: a real client operation, called with the result until it succeeds. It is not ready
            while the call raises, or returns anything false but None. A call may take one second.
        more_ports: further TCP ports to publish.
        command: in place of the image's command, behind its entrypoint. `docker inspect` shows
            it; secrets belong into env or files.
        env: for the server's environment, over the image's own. Values are on no command line and
            in no `docker inspect`.
        files: by absolute path, there before the server starts. They are root's, and anybody in
            the container may read them, and execute those that begin with `#!`.
        tmpfs: absolute paths to keep in memory, writable by everyone: faster than the engine's
            disk. What the image has there is hidden.
        user: in place of the image's user, as `docker run --user` takes it.
        sealed: gives it a read-only root and no capabilities, and keeps in memory, empty at the
            start, what the image declares as volumes, /tmp, and `tmpfs`. It needs a user that is
            not root. The next test's server then starts in the same container, wiped clean: in
            milliseconds where the server does. Its files are kept in an image of this machine's
            engine: secrets belong into env.
        memory_mb: the memory limit in MiB, files in memory included.
        start_seconds: how long it may take until it is ready.

    Raises:
        InvalidOption: an option is wrong, or, when it is started, the image has no program.
    """

    image: str
    port: int
    ready: Callable[[ContainerServer], object] = field(repr=False)
    more_ports: Sequence[int] = ()
    command: Sequence[str] | None = None
    env: Mapping[str, str] = field(default_factory=dict, repr=False)
    files: Mapping[str, bytes | str] = field(default_factory=dict, repr=False)
    tmpfs: Sequence[str] = ()
    user: str = ""
    sealed: bool = False
    # For every other service these are the kind's; here each image needs its own.
    memory_mb: int = 512  # type: ignore[misc]
    start_seconds: float = 30.0  # type: ignore[misc]

    service: ClassVar[str] = "container"

    def __post_init__(self) -> None:
        matching("Container", "image", self.image, r"\S+", "an image's name")
        for option in ("more_ports", "tmpfs", *(["command"] if self.command is not None else [])):
            value = getattr(self, option)
            if isinstance(value, str | bytes) or not isinstance(value, Iterable):
                raise InvalidOption(f"Container({option}={value!r}): {option} must be a list")
        ports = (self.port, *self.more_ports)
        for port in ports:
            whole_number("Container", "port", port, 1, 65535)
        whole_number("Container", "memory_mb", self.memory_mb, _LEAST_MB, _MOST_MB)
        _check_ready(self.ready)
        _check_env(self.env)
        _check_files(self.files, self.tmpfs)
        object.__setattr__(self, "ports", ports)

    def find(self, at: Engine) -> Image:
        found = image.named(at, self.image, f"Container(image={self.image!r})")
        return sealed_image.find(at, found, self._added(at)) if self.sealed else found

    def description(self, of: Image) -> dict[str, Any]:
        arguments = of.command if self.command is None else tuple(self.command)
        # An image that has our first process, such as a prepared one, gets it once.
        has_it = of.entrypoint[:1] == (first_process.PATH,)
        program = [*of.entrypoint[int(has_it) :], *arguments]
        if not program:
            raise InvalidOption(
                f"Container(image={self.image!r}): the image names no program to start; give it "
                "one: Container(command=[…])"
            )
        user = self.user or of.user
        return {
            **({"User": user} if user else {}),
            "Entrypoint": [first_process.PATH],
            "Cmd": program,
            # A name without a value takes the image's value away, or that would come first.
            "Env": sorted(self.env),
            "Healthcheck": {"Test": ["NONE"]},  # ready is what counts
            "HostConfig": self._sealed(of, user) if self.sealed else self._as_it_is(of),
        }

    def _as_it_is(self, of: Image) -> dict[str, Any]:
        volumes = [path for path in of.volumes if path not in self.tmpfs]
        return {
            "Tmpfs": self._in_memory(self.tmpfs),
            "Mounts": [_volume(path) for path in volumes],
        }

    def _sealed(self, of: Image, user: str) -> dict[str, Any]:
        if user.partition(":")[0] in ("", "0", "root"):
            raise InvalidOption(
                f"Container(image={self.image!r}, sealed=True): it would run as root, whose "
                'traces nobody could wipe away; name a user: Container(user="1000")'
            )
        return {
            "ReadonlyRootfs": True,
            "CapDrop": ["ALL"],
            "Tmpfs": self._in_memory(["/tmp", *of.volumes, *self.tmpfs]),
        }

    def _in_memory(self, paths: Iterable[str]) -> dict[str, str]:
        options = f"rw,nosuid,nodev,exec,mode=1777,size={self.memory_mb << 20}"
        return dict.fromkeys(paths, options)

    @property
    def is_sealed(self) -> bool:
        return self.sealed

    def archive(self, at: Engine) -> bytes:
        return b"" if self.sealed else self._added(at)  # else they are in the image

    def _added(self, at: Engine) -> bytes:
        files = {
            path: content if isinstance(content, bytes) else content.encode()
            for path, content in self.files.items()
        }
        return first_process.archive(first_process.binary(at), files)

    def environment(self, ports: Mapping[int, int]) -> dict[str, str]:
        return dict(self.env)

    def result(self, running: Running) -> ContainerServer:
        return ContainerServer(
            host=running.host,
            port=running.ports[self.port],
            ports=running.ports,
            container=running.container,
        )

    def check(self, server: ContainerServer) -> None:
        answer = self.ready(server)
        if answer is not None and not answer:
            raise NotYet(f"ready returned {answer!r}")

    def load(self) -> None:
        pass  # whatever ready needs is imported already


def _check_ready(ready: object) -> None:
    # http_ok itself takes one argument and would always be content.
    if ready is http_ok or not _takes_one(ready):
        raise InvalidOption(
            f"Container(ready={ready!r}): ready must be a function that takes the result and tries "
            'a client operation; for HTTP there is http_ok("/")'
        )


def _takes_one(ready: object) -> bool:
    if not callable(ready):
        return False
    try:
        inspect.signature(ready).bind(None)
    except TypeError:
        return False
    except ValueError:  # written in C, and silent about it
        pass
    return True


def _check_env(env: Mapping[str, str]) -> None:
    size = 0
    for name, text in env.items():
        matching("Container", "env", name, r"[^=\0]+", "a dict of names and texts")
        if not isinstance(text, str) or "\0" in text:  # the text may be secret
            raise InvalidOption(f"Container(env={{{name!r}: …}}): it must be text without NUL")
        size += len(f"{name}={text}\0".encode())
    if size > _MOST_ENV_BYTES:
        raise InvalidOption("Container(env=…): env must be 1 MiB at most; files may be larger")


def _check_files(files: Mapping[str, bytes | str], tmpfs: Sequence[str]) -> None:
    for path in (*tmpfs, *files):
        _check_path(path)
    for path, content in files.items():
        if not isinstance(content, bytes | str):
            raise InvalidOption(f"Container(files={{{path!r}: …}}): it must be bytes or text")
        if hiding := [top for top in tmpfs if PurePosixPath(path).is_relative_to(top)]:
            raise InvalidOption(
                f"Container(files={{{path!r}: …}}): the tmpfs {hiding[0]} would hide it"
            )


def _volume(path: str) -> dict[str, Any]:
    """A nameless volume: filled from the image, and removed with its container."""
    return {
        "Type": "volume",
        "Target": path,
        "VolumeOptions": {"Labels": {"berth": "volume", "berth.role": "dynamic"}},
    }


def _check_path(path: object) -> None:
    rule = "absolute paths without . and .., and not /"
    clean = isinstance(path, str) and re.fullmatch(r"(/[^/\0]+)+", path)
    if not clean or {".", ".."} & set(PurePosixPath(str(path)).parts):
        raise InvalidOption(f"Container: {path!r}: tmpfs and files must name {rule}")
    for top in _RESERVED:
        if PurePosixPath(str(path)).is_relative_to(top):
            raise InvalidOption(f"Container: {path!r}: {top} is not the image's to give away")
