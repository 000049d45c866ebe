"""A service is found by its name alone."""

from types import ModuleType

import pytest

from pkg.dockertest import Service, catalog
from pkg.dockertest.redis import Redis


def made(*classes: type) -> ModuleType:
    module = ModuleType("pkg.dockertest.made")
    for one in classes:
        setattr(module, one.__name__, one)
    return module


def own(name: str) -> type:
    return type(name, (Service,), {"__module__": "pkg.dockertest.made"})


def test_every_pin_is_a_services() -> None:
    """The base is no service."""
    assert "redis" in catalog.names()
    assert "base" not in catalog.names()


def test_the_module_has_the_class() -> None:
    """Service itself, which it imports, is not its own."""
    assert catalog.service_class("redis") is Redis


def test_what_a_module_imports_is_not_its_own() -> None:
    """Another service, for example."""
    one = own("One")
    assert catalog.the_service(made(Redis, one)) is one


@pytest.mark.parametrize(
    ("classes", "said"), [((Redis,), "none"), ((own("One"), own("Two")), "One, Two")]
)
def test_a_module_with_none_or_two_is_named(classes: tuple[type, ...], said: str) -> None:
    """With what it defines."""
    with pytest.raises(TypeError, match=f"made must define one Service; it defines {said}"):
        catalog.the_service(made(*classes))


def test_a_name_without_a_module_is_named() -> None:
    """As Python does it."""
    with pytest.raises(ImportError, match=r"pkg\.dockertest\.oracle"):
        catalog.service_class("oracle")
