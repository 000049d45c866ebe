"""`./dev images lock`: renews images.lock, the record of what the pins were resolved to."""

from collections.abc import Iterator

from pkg.dockertest import credentials, image, lock
from pkg.dockertest.engine import Engine
from pkg.dockertest.errors import EngineError
from pkg.dockertest.lock import Locked
from tools.dev import images_base


def renew(engine: Engine) -> list[str]:
    """Writes the file anew; returns what happened, a line for each pin.

    A digest that no registry gives now stays as it was. The versions are those of the images
    that are here, so what is to be locked has to be made before.

    Raises:
        ImageUnavailable: a service's image is not here.
    """
    before = lock.read()
    after = dict(_resolved(engine, before))
    lock.write(after)
    return [
        f"{name}: {_shown(one)}" + ("" if one == before.get(name, Locked()) else ", renewed")
        for name, one in sorted(after.items())
    ]


def digest(engine: Engine, published: str) -> str | None:
    """The digest that a registry has for an image now, or None if none answers."""
    name = lock.reference(published, "")
    headers = credentials.find(name).headers
    try:
        about = engine.request("GET", f"/distribution/{name}/json", headers=headers)
    except EngineError:
        return None
    return str(about["Descriptor"]["digest"])


def _resolved(engine: Engine, before: dict[str, Locked]) -> Iterator[tuple[str, Locked]]:
    for base in images_base.bases():
        found = digest(engine, base.published)
        yield base.locked_as, Locked(base.digest if found is None else found)
    for name, table in image.pins().items():
        if name == "base":
            continue
        old = before.get(name, Locked())
        published = table.get("published")
        found = digest(engine, published) if published else ""
        yield name, Locked(old.digest if found is None else found, _versions(engine, name, old))


def _versions(engine: Engine, name: str, old: Locked) -> tuple[str, ...]:
    about = engine.image(image.find(engine, name).name) or {"Config": {}}
    labels = about["Config"].get("Labels") or {}
    if not labels.get(image.LABEL_SOURCE, "").startswith("berth/"):
        return tuple(old.versions)  # pulled: what a recipe would build is not known here
    return tuple(labels.get(image.LABEL_VERSIONS, "").split())


def _shown(one: Locked) -> str:
    words = [one.digest or "no digest recorded", *one.versions]
    return ", ".join(words)
