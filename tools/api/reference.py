"""Makes the API reference: HTML pages from the docstrings, by pdoc."""

import importlib
import inspect
import os
import sys
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import ModuleType

import pdoc

from pkg.dockertest import image

FOLDER = "api-reference"
_MODULES = (
    "pkg.analytics",
    "pkg.cache",
    "pkg.clock",
    "pkg.config",
    "pkg.db",
    "pkg.dockertest",
    "pkg.dockertest.any_image",
    "pkg.dockertest.container",
    "pkg.dockertest.faults.disk",
    "pkg.dockertest.faults.network",
    "pkg.dockertest.plugin",
    "pkg.eventstream",
    "pkg.fault",
    "pkg.logs",
    "pkg.logs.testing",
    "pkg.outage",
    "pkg.ratelimit",
    "pkg.rbac",
    "pkg.recent",
    "pkg.serving",
    "pkg.serving.testing",
    "pkg.testutil",
    "pkg.testutil.containers",
    "pkg.testutil.containers.plugin",
    "pkg.testutil.harness",
    "pkg.uid",
)


def modules() -> list[str]:
    """The modules that users import from: the packages, and one for each service."""
    services = [f"pkg.dockertest.{name}" for name in image.pins() if not name.startswith("base")]
    return sorted([*_MODULES, *services])


def build(out: Path) -> None:
    """Writes the pages to a folder.

    Raises:
        Warning: whatever pdoc warns of.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        pdoc.pdoc(*modules(), output_directory=out)


def undocumented() -> list[str]:
    """The public names without a docstring; an override has the one that it inherits."""
    return [name for module in modules() for name in _undocumented(importlib.import_module(module))]


def _undocumented(module: ModuleType) -> Iterator[str]:
    if not module.__doc__:
        yield module.__name__
    public = getattr(module, "__all__", [name for name in vars(module) if name[:1] != "_"])
    for name in public:
        value = getattr(module, name)
        is_own = getattr(value, "__module__", module.__name__).startswith(module.__name__)
        if not is_own or not (inspect.isclass(value) or inspect.isroutine(value)):
            continue
        where = f"{module.__name__}.{name}"
        if not inspect.getdoc(value):
            yield where
        if inspect.isclass(value):
            yield from (f"{where}.{member}" for member in _undocumented_members(value))


def _undocumented_members(value: type) -> Iterator[str]:
    for name, member in vars(value).items():
        callable_or_property = inspect.isroutine(member) or isinstance(member, property)
        if name[:1] != "_" and callable_or_property and not inspect.getdoc(getattr(value, name)):
            yield name


def main(arguments: Sequence[str]) -> None:
    """Writes the pages to the folder that is named, or to api-reference/ of the checkout."""
    root = Path(os.environ.get("BUILD_WORKSPACE_DIRECTORY", "."))
    out = root / (arguments[0] if arguments else FOLDER)
    build(out)
    print(f"the API reference is at {out / 'index.html'}")


if __name__ == "__main__":
    main(sys.argv[1:])
