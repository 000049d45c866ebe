"""The services that have a module, by name: for what holds for all of them alike."""

import importlib
import inspect
from types import ModuleType
from typing import Any

from pkg.dockertest import image
from pkg.dockertest.service import Service


def names() -> list[str]:
    """The services that `images.toml` names."""
    return [name for name in image.pins() if name != "base"]


def service_class(name: str) -> type[Service[Any]]:
    """The service's class, after importing its module.

    Raises:
        ImportError: there is no module of that name.
        TypeError: it does not define one service.
    """
    return the_service(importlib.import_module(f"pkg.dockertest.{name}"))


def the_service(module: ModuleType) -> type[Service[Any]]:
    """The one service that a module defines; others may be imported into it.

    Raises:
        TypeError: there is none, or more than one.
    """
    found = [
        one
        for one in vars(module).values()
        if inspect.isclass(one) and issubclass(one, Service) and one.__module__ == module.__name__
    ]
    if len(found) != 1:
        defined = ", ".join(one.__name__ for one in found) or "none"
        raise TypeError(f"{module.__name__} must define one Service; it defines {defined}")
    return found[0]
