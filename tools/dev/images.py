"""Makes the images that are missing: the prepared images of the services, and the toolbox.

Every image's name holds a hash of what goes into it, so an image that is there is up to date. An
image gets its name when it is whole; one that was interrupted is never used. A lock per image
keeps two makers from making it twice.
"""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from pkg.dockertest import catalog, image, lock
from pkg.dockertest.engine import Engine, Query, filters
from pkg.dockertest.errors import EngineError, ImageUnavailable
from pkg.dockertest.snapshots import store
from tools.dev import images_base, images_build, images_programs, images_tools, side_by_side
from tools.dev.images_lock import once
from tools.dev.progress import Progress

_SNAPSHOT_LIFE = timedelta(days=14)


def ensure(
    engine: Engine,
    progress: Progress,
    services: Sequence[str] | None = None,
    *,
    toolbox: bool = False,
) -> None:
    """Makes the images that are missing, side by side.

    Args:
        services: whose prepared images; those of all services that `images.toml` names when None,
            and then also the images of this repository's own services.
        toolbox: whether the toolbox's image, too.

    Raises:
        ImageUnavailable: one cannot be made here. The others are made all the same.
    """
    names = services_of_pins() if services is None else services
    missing = [name for name in names if not is_prepared(engine, name)]
    makers: list[Callable[[], object]] = [
        partial(_prepare, engine, progress, name) for name in missing
    ]
    if services is None:  # containers of any image need it, too
        makers.append(partial(images_tools.ensure_init, engine, progress))
        programs = images_programs.names()
        makers += [partial(images_programs.ensure, engine, progress, one) for one in programs]
    if toolbox:
        makers.insert(0, partial(images_tools.ensure_toolbox, engine, progress))
    side_by_side.run(*makers)


def services_of_pins() -> list[str]:
    """The services that `images.toml` names."""
    return catalog.names()


def is_prepared(engine: Engine, service: str) -> bool:
    """Whether a test would find the service's image."""
    try:
        image.find(engine, service)
    except ImageUnavailable:
        return False
    return True


def ours(engine: Engine) -> list[str]:
    """The names of all images that Berth made, without short ones; an id where one has no name."""
    names: list[str] = []
    for one in engine.request("GET", "/images/json", {"filters": filters(label=["berth"])}):
        tags = [tag for tag in one["RepoTags"] or [] if tag != "<none>:<none>"]
        full = [tag for tag in tags if not any(other.startswith(f"{tag}-") for other in tags)]
        names += full or [one["Id"]]
    return sorted(names)


def current(engine: Engine) -> set[str]:
    """The names of this checkout's images, those that others are made from included."""
    names = images_tools.names()
    names |= {images_programs.program(one).tag for one in images_programs.names()}
    for service in services_of_pins():
        try:
            prepared = image.find(engine, service).name
        except ImageUnavailable:
            continue
        about = engine.image(prepared)
        labels = (about or {"Config": {}})["Config"].get("Labels") or {}
        names |= {prepared, labels.get(image.LABEL_SOURCE, prepared)}
    return names | {one.name for one in snapshots(engine) if one.base in names and not one.is_old}


@dataclass(frozen=True)
class Snapshot:
    """A snapshot: its name, the image below it, and when it was made or used, to the hour."""

    name: str
    base: str
    used: datetime

    @property
    def is_old(self) -> bool:
        """Whether nobody has used it for two weeks."""
        return datetime.now(UTC) - self.used > _SNAPSHOT_LIFE


def snapshots(engine: Engine) -> list[Snapshot]:
    """All snapshots on this machine, of whichever checkout."""
    only: Query = {"filters": filters(label=[f"berth.role={store.ROLE}"])}
    found = []
    for one in engine.request("GET", "/images/json", only):
        for name in one["RepoTags"] or []:
            if about := engine.image(name):
                base = str((one["Labels"] or {}).get(store.LABEL_BASE, ""))
                found.append(Snapshot(name, base, store.last_used(about)))
    return found


def _prepare(engine: Engine, progress: Progress, service: str) -> None:
    pin = image.pin(service)
    override = os.environ.get(image.override_variable(service), "")
    key = image.key(pin, override)
    init = images_tools.ensure_init(engine, progress)
    with once(f"berth/{service}:{key}", progress):
        if image.prepared(engine, key, service):
            return
        source = override or _source(engine, progress, pin)
        with progress.step(f"image {service}, prepared") as step:
            about = engine.image(source) or _pull(engine, service, source)
            asked = f"{image.override_variable(service)}={source}"
            image.check_service(service, asked, source, about["Config"].get("Labels") or {})
            versions = images_build.versions(engine, source) or about["Id"]
            _compare(progress, service, source, versions)
            tag = f"{image.short_name(service, key)}-{image.digest(versions)}"
            images_build.build(
                engine,
                step,
                tag,
                {
                    "Dockerfile": image.PREPARED.read_bytes(),
                    **{f"recipe/{file.name}": file.read_bytes() for file in _recipe(pin)},
                },
                args={"SOURCE": source, "INIT": init},
                labels={
                    image.LABEL_INIT: init,
                    image.LABEL_SOURCE: source,
                    image.LABEL_VOLUMES: ",".join(about["Config"].get("Volumes") or {}),
                    image.LABEL_VERSIONS: " ".join(versions.split()),
                    image.LABEL_SERVICE: service,
                },
            )
            named: Query = {"repo": f"berth/{service}", "tag": key}
            engine.request("POST", f"/images/{tag}/tag", named)


def _compare(progress: Progress, service: str, source: str, versions: str) -> None:
    """Says where what was built differs from what the lock has recorded."""
    recorded = lock.read().get(service, lock.Locked()).versions
    differing = [one for one in versions.split() if one not in recorded]
    if source.startswith("berth/") and recorded and differing:
        progress.say(
            f"{service}: {', '.join(differing)} is not what images.lock has; if the tests pass, "
            "record it with: ./dev images lock"
        )


def _recipe(pin: image.Pin) -> list[Path]:
    """The files of a recipe that its prepared image has: all but how its source is built."""
    return [file for file in sorted(pin.recipe.iterdir()) if file.name != "source.Dockerfile"]


def _source(engine: Engine, progress: Progress, pin: image.Pin) -> str:
    """The service as published, or built from packages where no registry answers."""
    if pin.published:
        published = lock.reference(pin.published, pin.digest)
        if images_base.pulled(engine, progress, published):
            return published
    recipe = pin.recipe / "source.Dockerfile"
    base = images_base.ensure(engine, progress, pin.suite)
    tag = f"berth/{pin.service}-source:{image.digest(repr(pin) + recipe.read_text())}"
    if engine.image(tag):
        return tag
    builder = images_tools.ensure_builder(engine, progress)
    args = {"BASE": base, "BUILDER": builder, "PACKAGES": " ".join(pin.packages), **pin.args}
    context = {
        "Dockerfile": recipe.read_bytes(),
        "ca.pem": images_build.certificates(),
        "settings.xml": images_build.maven_settings(),
    }
    # The prepared image's lock is another's where only the first process differs.
    title = f"image {pin.service}, from packages"
    return images_build.build_once(engine, progress, tag, title, context, args=args)


def _pull(engine: Engine, service: str, source: str) -> dict[str, Any]:
    try:
        return engine.pull(source)
    except EngineError as error:
        raise ImageUnavailable(
            f"{image.override_variable(service)}={source}: {error}; name an image that is here "
            "(docker images) or that a registry has"
        ) from error
