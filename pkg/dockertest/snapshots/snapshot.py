"""Snapshots: a service's image with a project's content in it, made once per machine.

A snapshot is an image called `berth/SERVICE-snapshot:KEY`, KEY a hash of the image below it and of
the content. The process that needs one first makes it (`maker.py`). Nobody else does
meanwhile: the maker holds a container by the snapshot's name, which the engine gives to one only.
It is on a leash, so a maker that was killed frees the name.
"""

import time
from typing import Any

from pkg.dockertest import image
from pkg.dockertest.engine import Engine
from pkg.dockertest.errors import EngineError, EngineUnavailable, ImageUnavailable
from pkg.dockertest.image import Image
from pkg.dockertest.service import Service
from pkg.dockertest.snapshots import maker, store
from pkg.dockertest.snapshots.content import Content

_FORMAT = "1"  # another one makes all snapshots anew
_WAIT_SECONDS = 600.0  # for another process to make one


def find(at: Engine, service: Service[Any], base: Image, content: Content) -> Image:
    """The image with the content in it, made here and now if it is not there.

    Raises:
        SchemaFailed: the content could not be put into a server; nothing is left of it.
        ImageUnavailable: the base image is not here.
        EngineError: another process has been making it for too long, or the engine refused it.
    """
    what = f"{base.name} {content.key()}"
    if found := image.known(at, what):
        return found
    name = name_of(at, service, base, content)
    key = name.rpartition(":")[2]
    deadline = time.monotonic() + _WAIT_SECONDS
    while not (about := at.image(name)):
        if not maker.make_alone(at, service, base, content, name):
            _wait(at, service.service, key, deadline)
    store.note_use(at, about, name)
    found = Image(name, base.volumes)
    image.remember(at, what, found)
    return found


def name_of(at: Engine, service: Service[Any], base: Image, content: Content) -> str:
    """The name of the snapshot, whether it is there or not.

    Raises:
        ImageUnavailable: the base image is not here.
    """
    below = at.image(base.name)
    if below is None:
        image.forget(base.name)
        raise ImageUnavailable(f"{base.name} was removed; make it with: ./dev images")
    # By its id: one that an override names may be another one tomorrow.
    key = content.key(_FORMAT, service.service, below["Id"])[: image.KEY_CHARACTERS]
    return store.name(service.service, key)


def _wait(at: Engine, service: str, key: str, deadline: float) -> None:
    """Waits until nobody makes it any more."""
    lock = maker.lock_name(key)
    left = deadline - time.monotonic()
    try:
        if left > 0:
            at.request("POST", f"/containers/{lock}/wait", {"condition": "removed"}, timeout=left)
            return
    except EngineUnavailable:
        if time.monotonic() < deadline:
            raise
    except EngineError as error:
        if error.status == 404:  # it is gone
            return
        raise
    raise EngineError(
        f"another process has been making a snapshot of {service} for {_WAIT_SECONDS:g} s; it "
        f"holds the container {lock}, whose labels name it: docker inspect {lock}"
    )
