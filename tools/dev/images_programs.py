"""The images of the services of this repository, such as the vault: Python, packages, code.

A service has an image where it has an `image/image.toml`. The image's name holds a hash of all that
goes into it.
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from pkg.dockertest import checkout, image
from pkg.dockertest.engine import Engine
from pkg.dockertest.errors import ImageUnavailable
from tools.dev import images_base, images_build, machine, pip_lock
from tools.dev.progress import Progress

_DOCKERFILE = "services/program.Dockerfile"
_LOCK = "requirements_lock.txt"
# Of code, and of what it reads.
_SUFFIXES = frozenset({".py", ".lua", ".sql"})
# What an image.toml may say of distributions without wheels, and the Dockerfile's argument for it.
_COMPILING = {
    "compiled": "COMPILED",
    "build_packages": "BUILD_PACKAGES",
    "run_packages": "RUN_PACKAGES",
}


@dataclass(frozen=True)
class Program:
    """What the image of a service is made of.

    Attributes:
        service: its folder's name below services/.
        module: what `python3 -m` runs.
        requirements: its part of the lock.
        sources: its code, by path from the checkout's root.
        compiling: the build's arguments for distributions that have no wheels.
        dockerfile: how they become an image.
    """

    service: str
    module: str
    requirements: str
    sources: dict[str, bytes]
    compiling: dict[str, str]
    dockerfile: bytes

    @property
    def tag(self) -> str:
        """The image's name, whether it is here or not."""
        parts = [
            self.module,
            self.requirements,
            self.dockerfile,
            sorted(self.compiling.items()),
            sorted(self.sources.items()),
        ]
        return f"berth/{self.service}:{image.digest(repr([*parts, images_base.base_name()]))}"

    @property
    def context(self) -> dict[str, bytes]:
        """The files of its build."""
        return {
            "Dockerfile": self.dockerfile,
            "requirements.txt": self.requirements.encode(),
            "ca.pem": images_build.certificates(),
            "pip.conf": machine.pip_settings().encode(),
            **{f"program/{path}": content for path, content in self.sources.items()},
        }


def names(root: Path | None = None) -> list[str]:
    """The services that have an image, sorted."""
    folder = (root or checkout.root()) / "services"
    return sorted(file.parents[1].name for file in folder.glob("*/image/image.toml"))


def program(service: str, root: Path | None = None) -> Program:
    """What a service's image is made of, in a checkout.

    Raises:
        ImageUnavailable: a package that it names is not locked.
    """
    root = root or checkout.root()
    file = root / "services" / service / "image/image.toml"
    table = tomllib.loads(file.read_text())
    try:
        requirements = pip_lock.closure((root / _LOCK).read_text(), table["packages"])
    except KeyError as unknown:
        raise ImageUnavailable(
            f"{file}: {unknown.args[0]} not in {_LOCK}: add it to requirements.in, then run: "
            "./dev bazel run //tools/lock"
        ) from unknown
    return Program(
        service=service,
        module=table["module"],
        requirements=requirements,
        sources=dict(_sources(root, table["sources"], set(table["leave_out"]))),
        compiling=_compiling(table),
        dockerfile=(root / _DOCKERFILE).read_bytes(),
    )


def ensure(engine: Engine, progress: Progress, service: str) -> str:
    """Returns the name of a service's image, after making it if it is missing.

    Raises:
        ImageUnavailable: it cannot be made here; the message has the build's last lines.
    """
    made_of = program(service)
    tag = made_of.tag
    if engine.image(tag):
        return tag
    base = images_base.ensure(engine, progress)
    args = {"BASE": base, "MODULE": made_of.module, **made_of.compiling}
    title = f"image {service}"
    return images_build.build_once(engine, progress, tag, title, made_of.context, args=args)


def _compiling(table: Mapping[str, Any]) -> dict[str, str]:
    separators = {"compiled": ","}
    return {
        argument: separators.get(name, " ").join(table[name])
        for name, argument in _COMPILING.items()
        if name in table
    }


def _sources(root: Path, named: list[str], leave_out: set[str]) -> Iterator[tuple[str, bytes]]:
    for one in named:
        place = root / one
        for file in [place] if place.is_file() else sorted(place.rglob("*")):
            if file.suffix not in _SUFFIXES:
                continue
            path = PurePosixPath(file.relative_to(root).as_posix())
            below = {*path.relative_to(one).parts[:-1], path.stem}
            is_test = file.name == "conftest.py" or file.name.endswith("_test.py")
            if not is_test and not below & leave_out:
                yield str(path), file.read_bytes()
