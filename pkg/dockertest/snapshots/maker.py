"""Makes a snapshot: a server is started, filled and shut down, and what it left becomes an image.

Two containers do it, both on leashes, so that nothing is left of a maker that was killed. The first
runs no server: it holds the snapshot's name, and becomes the image. The second is the server's, an
ordinary one but for /data, which is a volume: the engine reads no tmpfs of a container.
"""

import secrets
import time
from collections.abc import Mapping
from typing import Any

from pkg.dockertest import checkout
from pkg.dockertest.container import Container
from pkg.dockertest.engine import Engine
from pkg.dockertest.errors import DockertestError, EngineError, SchemaFailed
from pkg.dockertest.image import Image
from pkg.dockertest.leash import Leash
from pkg.dockertest.scopes import Scope
from pkg.dockertest.service import Running, Service
from pkg.dockertest.snapshots import layer, store
from pkg.dockertest.snapshots.content import Content

_END_SECONDS = 60.0  # for a server to shut down
_ENGINE_SECONDS = 600.0  # for the engine to unpack it
_LOOK_SECONDS = 0.02
_LOCK_MEMORY = 64 << 20
_LOG_LINES = 15
_CONTROLLED = ("code 0", "code 143", "signal 15")  # 143: SIGTERM, as Java has it


def lock_name(key: str) -> str:
    """The name of the container that a snapshot's maker holds."""
    return f"berth-snapshot-{key}"


def make_alone(at: Engine, service: Service[Any], base: Image, content: Content, name: str) -> bool:
    """Makes a snapshot unless another process does; then it returns False at once.

    Raises:
        SchemaFailed: the content could not be put into a server.
        EngineError: the engine refused it.
    """
    lock = lock_name(name.rpartition(":")[2])
    if _exists(at, lock):
        return False
    # Under a name of its own until it is on its leash: whoever starts a container removes what has
    # become of it by that name.
    own = f"{lock}-{secrets.token_hex(6)}"
    leash = Leash(at, own, _body(service, base))
    try:
        leash.start()
        if not _rename(at, own, lock):
            return False
        if at.image(name) is None:  # somebody may have made it since
            _make(at, service, base, content, name, lock)
            store.remove_oldest(at, service.service)
        return True
    finally:
        leash.close()


def _make(
    at: Engine, service: Service[Any], base: Image, content: Content, name: str, lock: str
) -> None:
    with Scope(lambda: at) as scope:
        server = scope.start(Filling(service, base, content))
        try:
            content.fill(server)
        except (DockertestError, ImportError):
            raise
        except Exception as error:
            raise SchemaFailed(
                f"{content.option}: the server could not be filled: {type(error).__name__}: {error}"
            ) from error
        container: Container = server.container
        _shut_down(container, content)
        packed = at.stream(
            "GET", f"/containers/{container.name}/archive", {"path": "/data"}, timeout=60.0
        )
        converted = layer.convert(packed, content.leave_out)
    with converted:
        unpacked = at.stream(
            "PUT",
            f"/containers/{lock}/archive",
            {"path": "/"},
            layer.chunks(converted),
            headers={"Content-Type": "application/x-tar"},
            timeout=_ENGINE_SECONDS,
        )
        for _ in unpacked:
            pass
    store.commit(at, lock, name, base.name)


def _shut_down(container: Container, content: Content) -> None:
    container.terminate()
    deadline = time.monotonic() + _END_SECONDS
    while (ended := container.ended()) is None and time.monotonic() < deadline:
        time.sleep(_LOOK_SECONDS)
    if ended not in _CONTROLLED:
        log = "\n".join(f"  {line}" for line in container.logs(_LOG_LINES).splitlines())
        state = f"ended ({ended})" if ended else f"had not ended after {_END_SECONDS:g} s"
        raise SchemaFailed(
            f"{content.option}: the server that was filled {state} when asked to shut down; last "
            f"log lines:\n{log}"
        )


def _exists(at: Engine, container: str) -> bool:
    try:
        at.request("GET", f"/containers/{container}/json")
    except EngineError as error:
        if error.status == 404:
            return False
        raise
    return True


def _rename(at: Engine, container: str, to: str) -> bool:
    """Gives a container a name, which one container can have; False if another has it."""
    try:
        at.request("POST", f"/containers/{container}/rename", {"name": to})
    except EngineError as error:
        if error.status == 409:
            return False
        raise
    return True


def _body(service: Service[Any], base: Image) -> dict[str, Any]:
    return {
        "Image": base.name,
        "Labels": _labels(service.service),
        "HostConfig": {
            "NetworkMode": "none",
            "CapDrop": ["ALL"],
            "SecurityOpt": ["no-new-privileges"],
            "Memory": _LOCK_MEMORY,
            "MemorySwap": _LOCK_MEMORY,
            "PidsLimit": 16,
        },
    }


def _labels(service: str) -> dict[str, str]:
    return {**checkout.labels("container", "dynamic"), "berth.service": service}


class Filling(Service[Any]):
    """A service whose server is being filled: from the base image, and with /data readable."""

    def __init__(self, of: Service[Any], base: Image, content: Content) -> None:
        """Takes over what the service says of itself."""
        own = {
            "_of": of,
            "_base": base,
            "_content": content,
            "new_container": True,
            "service": of.service,
            "ports": of.ports,
            "memory_mb": of.memory_mb,
            "start_seconds": of.start_seconds,
            "advertises": of.advertises,
        }
        for name, value in own.items():
            object.__setattr__(self, name, value)

    _of: Service[Any]
    _base: Image
    _content: Content

    @property
    def is_sealed(self) -> bool:
        """No: its /data is a volume, and it serves nobody else."""
        return False

    def find(self, at: Engine) -> Image:
        return self._base

    def description(self, of: Image) -> dict[str, Any]:
        described = self._of.description(of)
        host = described["HostConfig"]
        tmpfs = dict(host["Tmpfs"])
        options = {"type": "tmpfs", "device": "tmpfs", "o": _mount_options(tmpfs.pop("/data"))}
        volume = {
            "Type": "volume",
            "Target": "/data",
            "VolumeOptions": {
                "Labels": {**_labels(self.service), "berth": "volume"},
                "DriverConfig": {"Name": "local", "Options": options},
            },
        }
        return {**described, "HostConfig": {**host, "Tmpfs": tmpfs, "Mounts": [volume]}}

    def archive(self, at: Engine) -> bytes:
        return self._of.archive(at)

    def environment(self, ports: Mapping[int, int]) -> dict[str, str]:
        return {**self._of.environment(ports), **self._content.environment}

    def result(self, running: Running) -> Any:
        return self._of.result(running)

    def check(self, server: Any) -> None:
        self._of.check(server)

    def load(self) -> None:
        self._of.load()


def _mount_options(tmpfs: str) -> str:
    """The options of a tmpfs as `mount` takes them; the engine's own `rw` is none of those."""
    return ",".join(one for one in tmpfs.split(",") if one != "rw")
