"""Which image a service runs depends on what goes into it, and on nothing else."""

import dataclasses
import uuid
from typing import Any

import pytest

from pkg.dockertest import EngineError, ImageUnavailable, endpoint, image
from pkg.dockertest.engine import Engine


class Images(Engine):
    """An engine that has only images."""

    def __init__(self, *tags: str, labels: dict[str, str] | None = None) -> None:
        self.tags = tags
        self.labels = labels or {}
        self.short: dict[str, list[str]] = {}
        self.listed = 0
        self.pulled: list[str] = []
        self.endpoint = dataclasses.replace(endpoint.find(), host=f"test://{uuid.uuid4()}")

    def images(self, *references: str) -> list[dict[str, Any]]:
        self.listed += 1
        starts = tuple(one.removesuffix("*") for one in references)
        return [
            {"RepoTags": [tag], "Created": at, "Labels": self.labels}
            for at, tag in enumerate(self.tags)
            if tag.startswith(starts)
        ]

    def image(self, name: str) -> dict[str, Any] | None:
        if name not in self.tags:
            return None
        return {"Config": {"Labels": self.labels}, "RepoTags": list(self.short.get(name, [name]))}

    def pull(self, name: str) -> dict[str, Any]:
        self.pulled.append(name)
        raise EngineError(f"no registry has {name}")


REDIS = image.pin("redis")
KEY = image.key(REDIS)


def test_the_newest_image_with_the_key_is_taken() -> None:
    """Two sets of resolved versions may be here; tests take the later one."""
    here = Images(f"berth/redis:{KEY}-old", f"berth/redis:{KEY}-new", "berth/redis:other-x")
    assert image.find(here, "redis", {}).name == f"berth/redis:{KEY}-new"


def test_an_image_that_has_a_short_name_is_found_without_a_list() -> None:
    """Its own name is still what counts: where that was removed, the list is asked."""
    short, own, old = f"berth/redis:{KEY}", f"berth/redis:{KEY}-new", f"berth/redis:{KEY}-old"
    here = Images(short, old, own)
    here.short[short] = [short, own]
    assert image.find(here, "redis", {}).name == own
    assert here.listed == 0
    removed = Images(short, old)
    assert image.find(removed, "redis", {}).name == old
    assert removed.listed == 1


def test_an_image_that_is_not_here_is_named_with_the_command_that_makes_it() -> None:
    """A test run makes no images itself."""
    with pytest.raises(ImageUnavailable, match=r"image of redis is not .*: \./dev images"):
        image.find(Images("berth/redis:other-x"), "redis", {})


def test_an_image_is_looked_for_once_and_again_when_it_is_gone() -> None:
    """The engine takes longer over its list of images than a server to start."""
    here = Images(f"berth/redis:{KEY}-old")
    assert image.find(here, "redis", {}).name == f"berth/redis:{KEY}-old"
    here.tags = (f"berth/redis:{KEY}-new",)
    assert image.find(here, "redis", {}).name == f"berth/redis:{KEY}-old"
    assert image.forget(f"berth/redis:{KEY}-old")
    assert image.find(here, "redis", {}).name == f"berth/redis:{KEY}-new"
    assert not image.forget(f"berth/redis:{KEY}-old")


def test_another_pin_is_another_key() -> None:
    """A changed version, digest, package, argument or override is another image."""
    changed = [
        dataclasses.replace(REDIS, published="redis:0"),
        dataclasses.replace(REDIS, digest="sha256:0"),
        dataclasses.replace(REDIS, packages=("other",)),
        dataclasses.replace(REDIS, args={"A": "b"}),
    ]
    keys = {image.key(pin) for pin in changed} | {image.key(REDIS, "redis:7"), KEY}
    assert len(keys) == 6


def test_an_override_with_a_first_process_is_used_as_it_is() -> None:
    """A team can keep prepared images in a registry of its own."""
    labels = {image.LABEL_INIT: "x", image.LABEL_VOLUMES: "/a,/b"}
    here = Images("team/redis:1", labels=labels)
    found = image.find(here, "redis", {"BERTH_IMAGE_REDIS": "team/redis:1"})
    assert found == image.Image("team/redis:1", ("/a", "/b"))


@pytest.mark.parametrize(
    ("tag", "labels"),
    [
        ("team/mysql:1", {image.LABEL_INIT: "x", image.LABEL_SERVICE: "mysql"}),
        ("berth/mysql-source:1", {}),
    ],
)
def test_an_override_that_is_another_services_is_named(tag: str, labels: dict[str, str]) -> None:
    """At once: its server would start, and never answer as Redis does."""
    here = Images(tag, labels=labels)
    said = rf"BERTH_IMAGE_REDIS={tag}: the image was made for mysql, not for redis"
    with pytest.raises(ImageUnavailable, match=said):
        image.find(here, "redis", {"BERTH_IMAGE_REDIS": tag})


def test_an_override_without_a_first_process_is_run_in_its_prepared_form() -> None:
    """Once it has been made; before that, the message has the command that makes it."""
    environ = {"BERTH_IMAGE_REDIS": "redis:7"}
    with pytest.raises(ImageUnavailable, match=r"BERTH_IMAGE_REDIS=redis:7 \./dev images"):
        image.find(Images("redis:7"), "redis", environ)
    prepared = f"berth/redis:{image.key(REDIS, 'redis:7')}-x"
    assert image.find(Images("redis:7", prepared), "redis", environ).name == prepared


def test_an_override_that_nobody_has_is_named() -> None:
    """After asking the registry for it."""
    here = Images()
    with pytest.raises(ImageUnavailable, match=r"BERTH_IMAGE_REDIS=redis:0: no registry has"):
        image.find(here, "redis", {"BERTH_IMAGE_REDIS": "redis:0"})
    assert here.pulled == ["redis:0"]


def test_a_service_without_a_pin_is_named() -> None:
    """With the file to add it to."""
    with pytest.raises(ImageUnavailable, match=r"\[oracle\] table to pkg/dockertest/images\.toml"):
        image.pin("oracle")
