"""Makes the images that are missing: the toolbox, and the prepared images of the services.

Every image's name holds a hash of what goes into it, so an image that is there is up to date. An
image gets its name when it is whole; one that was interrupted is never used. A lock per image
keeps two makers from making it twice.
"""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from pkg.dockertest import image
from pkg.dockertest.engine import Engine, filters
from pkg.dockertest.errors import EngineError, ImageUnavailable
from tools.dev import images_base, images_build
from tools.dev.images_lock import once
from tools.dev.progress import Progress

TOOLBOX = Path(__file__).resolve().parents[1] / "toolbox"
INIT_RECIPE = image.HERE / "recipes" / "init.Dockerfile"


def ensure_toolbox(engine: Engine, progress: Progress) -> str:
    """Returns the name of the toolbox's image, after making it if it is missing.

    Raises:
        ImageUnavailable: it cannot be made here; the message says what to install.
    """
    return _from_base(engine, progress, "toolbox", TOOLBOX / "Dockerfile")


def ensure_services(
    engine: Engine, progress: Progress, services: Sequence[str] | None = None
) -> None:
    """Makes the prepared images that are missing, side by side.

    Args:
        services: which; all that `images.toml` names when None.

    Raises:
        ImageUnavailable: one cannot be made here. The others are made all the same.
    """
    names = services_of_pins() if services is None else services
    missing = [name for name in names if not is_prepared(engine, name)]
    if not missing:
        return
    with ThreadPoolExecutor(len(missing)) as pool:
        makers = [pool.submit(_prepare, engine, progress, name) for name in missing]
    for maker in makers:
        maker.result()


def toolbox_name() -> str:
    """The name of the toolbox's image, whether it is here or not."""
    return _name_on_base("toolbox", TOOLBOX / "Dockerfile")


def services_of_pins() -> list[str]:
    """The services that `images.toml` names."""
    return [name for name in image.pins() if name != "base"]


def is_prepared(engine: Engine, service: str) -> bool:
    """Whether a test would find the service's image."""
    try:
        image.find(engine, service)
    except ImageUnavailable:
        return False
    return True


def ours(engine: Engine) -> list[str]:
    """The names of all images that Berth made; an id where one has no name."""
    names: list[str] = []
    for one in engine.request("GET", "/images/json", {"filters": filters(label=["berth"])}):
        tags = [tag for tag in one["RepoTags"] or [] if tag != "<none>:<none>"]
        names += tags or [one["Id"]]
    return sorted(names)


def remove_all(engine: Engine) -> list[str]:
    """Removes every image that Berth made; returns their names."""
    removed = []
    for name in ours(engine):
        try:
            engine.request("DELETE", f"/images/{name}", {"force": 1})
            removed.append(name)
        except EngineError as error:
            if error.status != 404:  # gone with an earlier one
                raise
    return removed


def _from_base(engine: Engine, progress: Progress, name: str, dockerfile: Path) -> str:
    tag = _name_on_base(name, dockerfile)
    if engine.image(tag):
        return tag
    base = images_base.ensure(engine, progress)
    with once(tag):
        if not engine.image(tag):
            with progress.step(f"image {name}") as step:
                context = {
                    "Dockerfile": dockerfile.read_bytes(),
                    "ca.pem": images_build.certificates(),
                }
                images_build.build(engine, step, tag, context, args={"BASE": base})
    return tag


def _name_on_base(name: str, dockerfile: Path) -> str:
    base_key = image.digest(repr(image.pins()["base"]))
    return f"berth/{name}:{image.digest(base_key + dockerfile.read_text())}"


def _builder(engine: Engine, progress: Progress) -> str:
    return _from_base(engine, progress, "builder", TOOLBOX / "builder.Dockerfile")


def _init(engine: Engine, progress: Progress) -> str:
    key = image.digest(INIT_RECIPE.read_text() + image.INIT.read_text())
    tag = f"berth/init:{key}"
    if engine.image(tag):
        return tag
    builder = _builder(engine, progress)
    with once(tag):
        if not engine.image(tag):
            with progress.step("image init, the first process") as step:
                context = {
                    "Dockerfile": INIT_RECIPE.read_bytes(),
                    "init.c": image.INIT.read_bytes(),
                }
                images_build.build(engine, step, tag, context, args={"BUILDER": builder})
    return tag


def _prepare(engine: Engine, progress: Progress, service: str) -> None:
    pin = image.pin(service)
    override = os.environ.get(image.override_variable(service), "")
    key = image.key(pin, override)
    init = _init(engine, progress)
    with once(f"berth/{service}:{key}"):
        if image.prepared(engine, key, service):
            return
        source = override or _source(engine, progress, pin)
        with progress.step(f"image {service}, prepared") as step:
            about = engine.image(source) or engine.pull(source)
            versions = images_build.versions(engine, source) or about["Id"]
            images_build.build(
                engine,
                step,
                f"berth/{service}:{key}-{image.digest(versions)}",
                {
                    "Dockerfile": image.PREPARED.read_bytes(),
                    "start.sh": (pin.recipe / "start.sh").read_bytes(),
                },
                args={"SOURCE": source, "INIT": init},
                labels={
                    image.LABEL_INIT: init,
                    image.LABEL_VOLUMES: ",".join(about["Config"].get("Volumes") or {}),
                    image.LABEL_VERSIONS: " ".join(versions.split()),
                    "berth.service": service,
                },
            )


def _source(engine: Engine, progress: Progress, pin: image.Pin) -> str:
    """The service as published, or built from packages where no registry answers."""
    if pin.published and images_base.pulled(engine, progress, pin.published):
        return pin.published
    recipe = pin.recipe / "source.Dockerfile"
    base = images_base.ensure(engine, progress)
    tag = f"berth/{pin.service}-source:{image.digest(repr(pin) + recipe.read_text())}"
    if engine.image(tag):
        return tag
    builder = _builder(engine, progress)
    with progress.step(f"image {pin.service}, from packages") as step:
        args = {"BASE": base, "BUILDER": builder, "PACKAGES": " ".join(pin.packages), **pin.args}
        context = {"Dockerfile": recipe.read_bytes(), "ca.pem": images_build.certificates()}
        images_build.build(engine, step, tag, context, args=args)
    return tag
