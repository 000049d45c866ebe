"""The images of the services of this repository, such as the vault: Python, packages, code.

A service has an image where it has an `image/image.toml`. The image's name holds a hash of all that
goes into it.
"""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from pkg.dockertest import checkout, image
from pkg.dockertest.engine import Engine
from pkg.dockertest.errors import ImageUnavailable
from tools.dev import images_base, images_build, machine, pip_lock
from tools.dev.progress import Progress

_DOCKERFILE = "services/program.Dockerfile"
_LOCK = "requirements_lock.txt"
# Of code, and of what it reads at its start.
_SUFFIXES = frozenset({".py", ".lua"})


@dataclass(frozen=True)
class Program:
    """What the image of a service is made of.

    Attributes:
        service: its folder's name below services/.
        module: what `python3 -m` runs.
        requirements: its part of the lock.
        sources: its code, by path from the checkout's root.
        dockerfile: how they become an image.
    """

    service: str
    module: str
    requirements: str
    sources: dict[str, bytes]
    dockerfile: bytes

    @property
    def tag(self) -> str:
        """The image's name, whether it is here or not."""
        parts = [self.module, self.requirements, self.dockerfile, sorted(self.sources.items())]
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
    args = {"BASE": base, "MODULE": made_of.module}
    title = f"image {service}"
    return images_build.build_once(engine, progress, tag, title, made_of.context, args=args)


def _sources(root: Path, folders: list[str], leave_out: set[str]) -> Iterator[tuple[str, bytes]]:
    for folder in folders:
        for file in sorted((root / folder).rglob("*")):
            if file.suffix not in _SUFFIXES:
                continue
            path = PurePosixPath(file.relative_to(root).as_posix())
            below = {*path.relative_to(folder).parts[:-1], path.stem}
            if not file.name.endswith("_test.py") and not below & leave_out:
                yield str(path), file.read_bytes()
