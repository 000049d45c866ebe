from pkg.dockertest import Scope
from pkg.dockertest.redis import Redis
from visits import visit


def test_each_visit_counts(dockertest: Scope) -> None:
    client = dockertest.start(Redis()).client()
    assert [visit(client, page) for page in ("/a", "/a/", "/b")] == [1, 2, 1]


def test_a_server_is_fresh(dockertest: Scope) -> None:
    assert visit(dockertest.start(Redis()).client(), "/a") == 1
