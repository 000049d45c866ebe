"""Which image a service runs: the pins, their keys, and where the image is found.

Prepared images are called `berth/SERVICE:KEY-VERSIONS`. KEY is a hash of everything that goes
into the image by our hand (pin, recipe, first process), VERSIONS one of what the package manager
or the registry resolved. Tests find theirs by KEY alone; `./dev images` makes them, and has the
last one that it made answer to `berth/SERVICE:KEY`, too. Standard library only, Python 3.11 or
later.
"""

import functools
import hashlib
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pkg.dockertest import lock
from pkg.dockertest.engine import Engine
from pkg.dockertest.errors import EngineError, ImageUnavailable

HERE = Path(__file__).resolve().parent
INIT = tuple(HERE / "init" / name for name in ("clear.c", "clear.h", "init.c", "ticks.c"))
INIT_RECIPE = HERE / "recipes" / "init.Dockerfile"
PREPARED = HERE / "recipes" / "prepared.Dockerfile"
KEY_CHARACTERS = 12
_SOURCE = re.compile(r"berth/(\w+)-source:")  # what images.py builds from packages

# Labels of an image. The volumes its source declares (comma-separated paths) are made tmpfs.
LABEL_INIT = "berth.init"
LABEL_SERVICE = "berth.service"
LABEL_SOURCE = "berth.source"
LABEL_VOLUMES = "berth.volumes"
LABEL_VERSIONS = "berth.versions"


_found: "dict[tuple[str, str], Image]" = {}  # by engine and the start of its name


@dataclass(frozen=True)
class Pin:
    """What `images.toml` says of a service, and `images.lock` of its published image."""

    service: str
    published: str | None
    packages: tuple[str, ...]
    suite: str | None
    args: Mapping[str, str]
    digest: str = ""

    @property
    def recipe(self) -> Path:
        """The folder with the service's recipe."""
        return HERE / "recipes" / self.service


@dataclass(frozen=True)
class Image:
    """An image that can be run.

    Attributes:
        name: its name on the engine.
        volumes: the paths that it declares as volumes.
        entrypoint: the program that it starts, with its first arguments.
        command: the arguments that follow, or the program where entrypoint is empty.
        user: whom it runs as; empty for root.
    """

    name: str
    volumes: tuple[str, ...]
    entrypoint: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    user: str = ""


def pins() -> dict[str, Any]:
    """The decoded `images.toml`."""
    return tomllib.loads((HERE / "images.toml").read_text())


def pin(service: str) -> Pin:
    """The service's pin.

    Raises:
        ImageUnavailable: `images.toml` has none for it.
    """
    try:
        table = pins()[service]
    except KeyError:
        raise ImageUnavailable(
            f"{service} has no pin: add a [{service}] table to pkg/dockertest/images.toml"
        ) from None
    return Pin(
        service,
        table.get("published"),
        tuple(table.get("packages", ())),
        table.get("suite"),
        dict(table.get("args", {})),
        lock.read().get(service, lock.Locked()).digest,
    )


def override_variable(service: str) -> str:
    """The environment variable that names another image for a service."""
    return "BERTH_IMAGE_" + re.sub(r"\W", "_", service).upper()


def key(of: Pin, override: str = "") -> str:
    """The hash of what our hand puts into the service's prepared image."""
    args = sorted(of.args.items())
    pinned = (of.service, of.published, of.digest, of.packages, of.suite, args, override)
    parts = [repr(pinned)]
    recipe = sorted(path for path in of.recipe.rglob("*") if path.is_file())
    for path in [*INIT, INIT_RECIPE, PREPARED, *recipe]:
        parts += [path.relative_to(HERE).as_posix() if path.is_relative_to(HERE) else path.name]
        parts += [path.read_text()]
    return digest("\0".join(parts))


@functools.cache
def _key(service: str, override: str) -> str:
    """The key of a service's pin: a test run goes on with the recipes that it began with."""
    return key(pin(service), override)


def init_key() -> str:
    """The hash of what goes into the first process by our hand."""
    return digest("\0".join(path.read_text() for path in (*INIT, INIT_RECIPE)))


def digest(text: str) -> str:
    """A short hash for names."""
    return hashlib.sha256(text.encode()).hexdigest()[:KEY_CHARACTERS]


def find(engine: Engine, service: str, environ: Mapping[str, str] = os.environ) -> Image:
    """Finds the image to run for a service; an overriding one is pulled if it is not here.

    Raises:
        ImageUnavailable: it is not here, and making it is the business of `./dev images`.
    """
    variable = override_variable(service)
    override = environ.get(variable, "")
    if override:
        labels = _config(engine, override, f"{variable}={override}").get("Labels") or {}
        check_service(service, f"{variable}={override}", override, labels)
        if LABEL_INIT in labels:
            return Image(override, _volumes(labels))
    found = prepared(engine, _key(service, override), service)
    if found is None and override:
        raise ImageUnavailable(
            f"{variable}={override}: the image has not been prepared for tests yet; "
            f"make its prepared form with: {variable}={override} ./dev images"
        )
    if found is None:
        raise ImageUnavailable(
            f"the image of {service} is not on this machine, or its recipe has changed since it "
            "was made; in a checkout of Berth, make it with: ./dev images"
        )
    return found


def check_service(service: str, asked: str, name: str, labels: Mapping[str, str]) -> None:
    """Checks that an image was not made for another service.

    Raises:
        ImageUnavailable: it was; the message names both, and who asked for it.
    """
    source = _SOURCE.match(name)
    made_for = source[1] if source else labels.get(LABEL_SERVICE, service)
    if made_for != service:
        raise ImageUnavailable(
            f"{asked}: the image was made for {made_for}, not for {service}; name one of {service}"
        )


def named(engine: Engine, name: str, asked: str) -> Image:
    """Any image by its name, pulled if it is not here.

    Args:
        asked: who asks for it, for the message.

    Raises:
        ImageUnavailable: no registry has it, or none answers.
    """
    config = _config(engine, name, asked)
    return Image(
        name,
        tuple(sorted(config.get("Volumes") or {})),
        tuple(config.get("Entrypoint") or ()),
        tuple(config.get("Cmd") or ()),
        str(config.get("User") or ""),
    )


def prepared(engine: Engine, key: str, service: str) -> Image | None:
    """The newest prepared image with this key, or None.

    One that was found is not looked for again: see `forget`.
    """
    start = f"berth/{service}:{key}-"
    if found := known(engine, start) or _by_short_name(engine, start):
        return found
    # Engines take 20 ms for a list, however short.
    candidates = engine.images(f"{start}*")
    if not candidates:
        return None
    newest = max(candidates, key=lambda image: int(image["Created"]))
    name = next(tag for tag in newest["RepoTags"] if tag.startswith(start))
    found = Image(name, _volumes(newest["Labels"] or {}))
    remember(engine, start, found)
    return found


def short_name(service: str, key: str) -> str:
    """The name that the newest prepared image with a key has beside its own."""
    return f"berth/{service}:{key}"


def _by_short_name(engine: Engine, start: str) -> Image | None:
    about = engine.image(start.removesuffix("-"))
    names = [tag for tag in (about or {}).get("RepoTags") or [] if tag.startswith(start)]
    if about is None or not names:  # it was not made with one, or its own name was removed
        return None
    found = Image(names[0], _volumes(about["Config"].get("Labels") or {}))
    remember(engine, start, found)
    return found


def known(engine: Engine, what: str) -> Image | None:
    """The image that was remembered for `what` on this engine."""
    return _found.get((engine.endpoint.host, what))


def remember(engine: Engine, what: str, found: Image) -> None:
    """Keeps an image that was found, so that the engine is not asked again; see `forget`."""
    _found[engine.endpoint.host, what] = found


def forget(name: str) -> bool:
    """Has an image looked for again, that turned out to be there no more.

    Returns:
        whether it had been found earlier, so that there may be another one now.
    """
    places = [place for place, one in list(_found.items()) if one.name == name]
    for place in places:
        _found.pop(place, None)
    return bool(places)


def _config(engine: Engine, name: str, asked: str) -> Mapping[str, Any]:
    try:
        image = engine.image(name) or engine.pull(name)
    except EngineError as error:
        raise ImageUnavailable(f"{asked}: {error}; see what is here with: docker images") from error
    return image["Config"] or {}


def _volumes(labels: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(path for path in labels.get(LABEL_VOLUMES, "").split(",") if path)
