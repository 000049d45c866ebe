"""The first process for images that do not have it: taken from the image that holds it.

That image is exported, not run: an export leaves no container behind if it is interrupted.
"""

import io
import json
import os
import tarfile
import threading
from collections.abc import Mapping

from pkg.dockertest import image
from pkg.dockertest.engine import Engine
from pkg.dockertest.errors import ImageUnavailable

PATH = "/berth/init"
_EXECUTABLE = 0o755
_READABLE = 0o644
_SCRIPT = b"#!"

_lock = threading.Lock()
_binaries: dict[tuple[str, str], bytes] = {}  # by engine and source: the same for all


def binary(at: Engine) -> bytes:
    """The first process, one static binary.

    Raises:
        ImageUnavailable: the image that holds it is not here.
    """
    with _lock:
        key = (at.endpoint.host, image.init_key())
        if key not in _binaries:
            name = _newest(at)
            exported = b"".join(at.stream("GET", f"/images/{name}/get", timeout=60.0))
            _binaries[key] = _extracted(exported, name)
        return _binaries[key]


def archive(binary: bytes, files: Mapping[str, bytes]) -> bytes:
    """A tar file with the first process and with files by their absolute paths.

    All are root's and may be read by everyone; a file that begins with `#!` may be executed.
    Directories are left out: those that are there keep their owners and modes.
    """
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for path, content in {PATH: binary, **files}.items():
            entry = tarfile.TarInfo(path.lstrip("/"))
            is_program = path == PATH or content.startswith(_SCRIPT)
            entry.size, entry.mode = len(content), _EXECUTABLE if is_program else _READABLE
            tar.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


def _newest(at: Engine) -> str:
    start = f"berth/init:{image.init_key()}-"
    candidates = at.images(f"{start}*")
    if not candidates:
        raise ImageUnavailable(
            "the first process (berth/init) is not on this machine, or has changed since it was "
            "made; make it with: ./dev images"
        )
    newest = max(candidates, key=lambda one: int(one["Created"]))
    return next(str(tag) for tag in newest["RepoTags"] if tag.startswith(start))


def _extracted(exported: bytes, name: str) -> bytes:
    with tarfile.open(fileobj=io.BytesIO(exported)) as outer:
        layers = json.loads(_file(outer, "manifest.json"))[0]["Layers"]
        for layer in reversed(layers):
            # Plain or compressed, as the engine keeps them.
            with tarfile.open(fileobj=io.BytesIO(_file(outer, layer)), mode="r:*") as inner:
                if "init" in inner.getnames():
                    return _file(inner, "init")
    raise ImageUnavailable(f"{name} holds no first process; make it anew with: ./dev images")


def _file(tar: tarfile.TarFile, name: str) -> bytes:
    file = tar.extractfile(name)
    return file.read() if file else b""


def _forget() -> None:
    """In a forked child: another thread, which is not in it, may have held the lock."""
    global _lock
    _lock = threading.Lock()


os.register_at_fork(after_in_child=_forget)
