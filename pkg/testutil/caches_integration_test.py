"""A harness's caches live by its clock, on fresh and on shared servers."""

from datetime import timedelta

from pkg.cache import Ages, Plain
from pkg.dockertest.redis import Redis
from pkg.testutil.caches import tiered
from pkg.testutil.harness import Harness, needs


class Names(Harness):
    """Two processes' caches of one service, so to say."""

    redis = needs(Redis())

    def open(self) -> None:
        ages = Ages(fresh=timedelta(minutes=1), stale=timedelta())
        self.one = tiered(self, "names", Plain(), redis=self.redis, ages=ages)
        self.other = tiered(self, "names", Plain(), redis=self.redis, ages=ages)
        self.alone = tiered(self, "names", Plain(), ages=ages)


h = Names.fixture()


def test_two_of_one_name_share_what_they_have(h: Names) -> None:
    """One in memory alone shares nothing."""
    assert h.one.get("a", lambda: b"first") == b"first"
    assert h.other.get("a", lambda: b"second") == b"first"
    assert h.alone.get("a", lambda: b"third") == b"third"


def test_entries_grow_old_by_the_harnesss_clock(h: Names) -> None:
    for cache in (h.one, h.alone):
        cache.get("a", lambda: b"old")
    h.clock.advance(timedelta(minutes=1))
    for cache in (h.one, h.alone):
        assert cache.get("a", lambda: b"new") == b"new"
