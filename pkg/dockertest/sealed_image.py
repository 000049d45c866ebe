"""The image of a sealed `Container`: the one it names, with our first process and its files in it.

The engine puts nothing into a container whose root is read-only, so they are put into an image,
once: it is listed and pruned as snapshots are.
"""

import hashlib
import secrets

from pkg.dockertest import checkout, image
from pkg.dockertest.engine import Engine
from pkg.dockertest.image import Image
from pkg.dockertest.leash import Leash
from pkg.dockertest.snapshots import store

_KIND = "container"


def find(at: Engine, of: Image, archive: bytes) -> Image:
    """The image with the archive unpacked at its root, made here and now if it is not there.

    Two processes may make it at the same time: the second one's is then taken.

    Raises:
        ImageUnavailable: the image is not here.
        EngineError: the engine refused it.
    """
    content = hashlib.sha256(archive).hexdigest()
    what = f"{of.name} {content}"
    if remembered := image.known(at, what):
        return remembered
    below = at.image(of.name) or {}
    name = store.name(_KIND, image.digest(f"{below.get('Id')} {content}"))
    if about := at.image(name):
        store.note_use(at, about, name)
    else:
        _make(at, of, archive, name)
        store.remove_oldest(at, _KIND)
    found = Image(name, of.volumes, of.entrypoint, of.command, of.user)
    image.remember(at, what, found)
    return found


def _make(at: Engine, of: Image, archive: bytes, name: str) -> None:
    body = {
        "Image": of.name,
        "Entrypoint": ["/berth/init"],
        "Cmd": ["/berth/init"],  # which is never asked to start it
        "Labels": {**checkout.labels("container", "dynamic"), "berth.service": _KIND},
        "HostConfig": {"NetworkMode": "none", "CapDrop": ["ALL"]},
    }
    leash = Leash(at, f"berth-seal-{secrets.token_hex(6)}", body)
    try:
        leash.start(archive)
        store.commit(at, leash.name, name, of.name)
    finally:
        leash.close()
