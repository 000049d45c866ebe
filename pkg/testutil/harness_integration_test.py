"""The same harness and the same tests on fresh servers and on tenants of shared ones."""

from pkg.dockertest.redis import Redis
from pkg.dockertest.s3 import S3
from pkg.dockertest.starter import Starter
from pkg.testutil.harness import Harness, needs


class Uploads(Harness):
    """Counts uploads."""

    redis = needs(Redis())
    s3 = needs(S3(buckets=["uploads"]))

    def open(self) -> None:
        self.counts = self.closing(self.redis.client())
        self.bucket = self.s3.name("uploads")
        self.objects = self.s3.client()

    def upload(self, name: str) -> int:
        """Stores an object, and returns how many there are."""
        self.objects.fput_object(self.bucket, name, __file__)
        count = self.counts.incr(self.redis.name("uploads"))
        assert isinstance(count, int)
        return count


h = Uploads.fixture()
h_module = Uploads.fixture("module")
h_session = Uploads.fixture("session")


def test_a_harness_has_servers_that_are_ready(h: Uploads) -> None:
    assert h.upload("a") == 1
    assert [found.object_name for found in h.objects.list_objects(h.bucket)] == ["a"]


def test_the_next_test_has_its_own(h: Uploads) -> None:
    assert h.upload("b") == 1
    assert [found.object_name for found in h.objects.list_objects(h.bucket)] == ["b"]


def test_longer_lifetimes_are_harnesses_of_their_own(
    h: Uploads, h_module: Uploads, h_session: Uploads
) -> None:
    assert [one.upload("c") for one in (h, h_module, h_session)] == [1, 1, 1]


def test_they_keep_what_an_earlier_test_has_left(h_module: Uploads, h_session: Uploads) -> None:
    assert [one.upload("d") for one in (h_module, h_session)] == [2, 2]


def test_its_end_closes_its_connections(servers: Starter) -> None:
    """Without a fixture, it is a `with` statement."""
    with Uploads(servers) as mine:
        mine.upload("e")
        connection = mine.counts.connection_pool.get_connection()
        mine.counts.connection_pool.release(connection)
        assert connection.is_connected
    assert not connection.is_connected
