"""Snapshots that nobody uses do not pile up."""

from datetime import UTC, datetime, timedelta
from typing import Any, cast

from pkg.dockertest import checkout
from pkg.dockertest.engine import Engine
from pkg.dockertest.errors import EngineError
from pkg.dockertest.snapshots import store


class FakeEngine:
    """Has snapshots by their tag: who made them, and how many hours ago they were used."""

    def __init__(self, **used: tuple[str, int]) -> None:
        self.used = used
        self.busy: set[str] = set()
        self.asked: list[str] = []

    def images(self, _reference: str) -> list[dict[str, Any]]:
        return [
            {"RepoTags": [f"berth/redis-snapshot:{tag}"], "Labels": {"berth.checkout": owner}}
            for tag, (owner, _) in self.used.items()
        ]

    def image(self, name: str) -> dict[str, Any]:
        _, hours = self.used[name.rpartition(":")[2]]
        at = datetime.now(UTC) - timedelta(hours=hours)
        tagged = at.strftime("%Y-%m-%dT%H:%M:%S.123456789Z")
        return {"Created": "2020-01-01T00:00:00Z", "Metadata": {"LastTagTime": tagged}}

    def request(self, method: str, path: str, query: object = None) -> None:
        self.asked.append(f"{method} {path}")
        if path.rpartition(":")[2] in self.busy:
            raise EngineError("a container runs it", 409)


def engine(fake: FakeEngine) -> Engine:
    return cast(Engine, fake)


def test_those_used_longest_ago_go() -> None:
    """Of this checkout only: another one has its own."""
    mine = checkout.identity()
    fake = FakeEngine(a=(mine, 5), b=(mine, 500), c=("other", 900), d=(mine, 50), e=(mine, 1))
    store.remove_oldest(engine(fake), "redis", most=2)
    assert fake.asked == [f"DELETE /images/berth/redis-snapshot:{tag}" for tag in "db"]


def test_one_that_runs_stays_and_stops_nothing() -> None:
    """The engine refuses to remove it."""
    mine = checkout.identity()
    fake = FakeEngine(a=(mine, 5), b=(mine, 500), c=(mine, 50))
    fake.busy = {"c"}
    store.remove_oldest(engine(fake), "redis", most=1)
    assert fake.asked[-1] == "DELETE /images/berth/redis-snapshot:b"


def test_a_use_is_noted_once_an_hour() -> None:
    """By giving the snapshot its own name again."""
    fake = FakeEngine(a=("x", 0), b=("x", 2))
    for tag in "ab":
        name = f"berth/redis-snapshot:{tag}"
        store.note_use(engine(fake), fake.image(name), name)
    assert fake.asked == ["POST /images/berth/redis-snapshot:b/tag"]


def test_an_engine_that_does_not_say_counts_from_the_making() -> None:
    """Not every image store records when a name was given."""
    made = {
        "Created": "2026-01-02T03:04:05.6Z",
        "Metadata": {"LastTagTime": "0001-01-01T00:00:00Z"},
    }
    assert store.last_used(made) == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert store.last_used({"Created": "2026-01-02T03:04:05Z"}).year == 2026
