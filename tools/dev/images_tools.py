"""The images that others are made with, and the toolbox: each from its Dockerfile and its parents.

An image's name holds a hash of its Dockerfile, of the files beside it, and of its parents' names.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pkg.dockertest import image
from pkg.dockertest.engine import Engine
from tools.dev import images_base, images_build
from tools.dev.progress import Progress

_FOLDER = Path(__file__).resolve().parents[1] / "toolbox"


@dataclass(frozen=True)
class _Tool:
    """How a tool's image is made.

    Attributes:
        parents: build argument -> the image that it names; None is the base.
        files: name in the build's context -> file, beside the Dockerfile.
        key: what its tag begins with, for those who find it by that alone.
    """

    name: str
    dockerfile: Path
    parents: "Mapping[str, _Tool | None]"
    files: Mapping[str, Path] = field(default_factory=dict)
    key: str = ""

    @property
    def tag(self) -> str:
        parts = [self.dockerfile.read_text(), *(file.read_text() for file in self.files.values())]
        for parent in self.parents.values():
            parts.append(parent.tag if parent else images_base.base_name())
        return f"berth/{self.name}:{self.key}{image.digest(repr(parts))}"


_BUILDER = _Tool("builder", _FOLDER / "builder.Dockerfile", {"BASE": None})
_BUILDIFIER = _Tool("buildifier", _FOLDER / "buildifier.Dockerfile", {"BUILDER": _BUILDER})
_TOOLBOX = _Tool("toolbox", _FOLDER / "Dockerfile", {"BASE": None, "BUILDIFIER": _BUILDIFIER})
_INIT = _Tool(
    "init",
    image.INIT_RECIPE,
    {"BUILDER": _BUILDER},
    {file.name: file for file in image.INIT},
    f"{image.init_key()}-",
)


def names() -> set[str]:
    """The names of all of these images and of all suites' bases, whether they are here or not."""
    tools = {one.tag for one in (_BUILDER, _BUILDIFIER, _TOOLBOX, _INIT)}
    return tools | {base.tag for base in images_base.bases()}


def toolbox_name() -> str:
    """The name of the toolbox's image, whether it is here or not."""
    return _TOOLBOX.tag


def ensure_toolbox(engine: Engine, progress: Progress) -> str:
    """Returns the name of the toolbox's image, after making it if it is missing.

    Raises:
        ImageUnavailable: it cannot be made here; the message says what to install.
    """
    return _ensure(engine, progress, _TOOLBOX)


def ensure_builder(engine: Engine, progress: Progress) -> str:
    """The image that the recipes compile with, likewise."""
    return _ensure(engine, progress, _BUILDER)


def ensure_init(engine: Engine, progress: Progress) -> str:
    """The image that holds the first process, likewise."""
    return _ensure(engine, progress, _INIT)


def _ensure(engine: Engine, progress: Progress, tool: _Tool) -> str:
    tag = tool.tag
    if engine.image(tag):
        return tag
    args = {
        argument: _ensure(engine, progress, parent)
        if parent
        else images_base.ensure(engine, progress)
        for argument, parent in tool.parents.items()
    }
    context = {name: file.read_bytes() for name, file in tool.files.items()}
    context["Dockerfile"] = tool.dockerfile.read_bytes()
    context["ca.pem"] = images_build.certificates()
    title = f"image {tool.name}"
    return images_build.build_once(engine, progress, tag, title, context, args=args)
