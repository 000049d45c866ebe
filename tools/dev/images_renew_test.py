"""The lock has what registry and images say now, and keeps what they don't say."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from pkg.dockertest import ImageUnavailable, image, lock
from pkg.dockertest.engine import Engine
from pkg.dockertest.lock import Locked
from tools.dev import images_base, images_renew
from tools.dev.fake_engine import Request, Routes, fake_engine

OLD, NEW = "sha256:old", "sha256:new"
Fake = tuple[Engine, Routes]


@pytest.fixture
def locked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A lock with an old digest and an old version, for two services."""
    file = tmp_path / "images.lock"
    lock.write({"redis": Locked(OLD, ("redis-server=1",)), "s3": Locked("", ("minio=1",))}, file)
    read, write = lock.read, lock.write
    monkeypatch.setattr(lock, "read", lambda: read(file))
    monkeypatch.setattr(lock, "write", lambda after: write(after, file))
    pins = {
        "base": {"published": "debian:{suite}", "suite": "sid"},
        "redis": {"published": "redis:8"},
        "s3": {"suite": "trixie"},
    }
    monkeypatch.setattr(image, "pins", lambda: pins)
    return file


@pytest.fixture
def engine(locked: Path) -> Iterator[Fake]:
    """Redis was pulled, S3 built."""
    sources = {"redis": "redis:8", "s3": "berth/s3-source:1"}

    def listed(request: Request) -> None:
        (name,) = [one for one in sources if f"berth/{one}:" in request.query["filters"]]
        key = image.key(image.pin(name))
        found = {"RepoTags": [f"berth/{name}:{key}-1"], "Created": 1, "Labels": {}}
        request.answer([found])

    with fake_engine() as (one, routes):
        routes.add("GET /images/json", listed)
        for name, source in sources.items():
            labels = {image.LABEL_SOURCE: source, image.LABEL_VERSIONS: f"{name}=2 go=3"}
            routes.add(f"GET /images/berth/{name}:.*/json", {"Config": {"Labels": labels}})
        yield one, routes


def test_what_is_resolved_now_is_recorded(engine: Fake) -> None:
    """The registry's digest, and the versions that a build has resolved."""
    at, routes = engine
    routes.add("GET /distribution/redis:8/json", {"Descriptor": {"digest": NEW}})
    said = images_renew.renew(at)
    assert lock.read() == {
        "redis": Locked(NEW, ("redis-server=1",)),
        "s3": Locked("", ("s3=2", "go=3")),
    }
    assert said == [
        "base-sid: no digest recorded",
        "base-trixie: no digest recorded",
        f"redis: {NEW}, redis-server=1, renewed",
        "s3: no digest recorded, s3=2, go=3, renewed",
    ]


def test_a_digest_that_no_registry_gives_stays(engine: Fake) -> None:
    """Without a network, only versions are renewed."""
    said = images_renew.renew(engine[0])
    assert lock.read()["redis"] == Locked(OLD, ("redis-server=1",))
    assert said[-2] == f"redis: {OLD}, redis-server=1"


def test_the_base_of_every_suite_is_locked(engine: Fake) -> None:
    """Each by a name of its own, which its image's name then depends on."""
    at, routes = engine
    before = [one.tag for one in images_base.bases()]
    routes.add("GET /distribution/debian:(sid|trixie)/json", {"Descriptor": {"digest": NEW}})
    images_renew.renew(at)
    assert [(one.locked_as, one.digest) for one in images_base.bases()] == [
        ("base-sid", NEW),
        ("base-trixie", NEW),
    ]
    assert not {one.tag for one in images_base.bases()}.intersection(before)


def test_nothing_is_written_while_an_image_is_missing(engine: Fake, locked: Path) -> None:
    """Half a lock would be taken for a whole one."""
    at, routes = engine
    routes.add("GET /images/json", [])
    before = locked.read_text()
    with pytest.raises(ImageUnavailable, match=r"\./dev images"):
        images_renew.renew(at)
    assert locked.read_text() == before
