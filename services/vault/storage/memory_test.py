"""What the storage in memory promises; the one in S3 has to promise the same."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from services.vault.storage import MemoryStorage


def test_an_object_is_created_once() -> None:
    """The first content stays."""
    storage = MemoryStorage()
    assert storage.get("a") is None
    assert storage.create("a", b"first")
    assert not storage.create("a", b"second")
    assert storage.get("a") == b"first"
    assert storage.names == ["a"]
    storage.remove("a")
    assert storage.get("a") is None


def test_of_several_that_create_at_a_time_one_does() -> None:
    """And its content is the one that is found."""
    storage = MemoryStorage()
    start = Barrier(8)

    def create(content: bytes) -> bytes | None:
        start.wait()
        return content if storage.create("a", content) else None

    with ThreadPoolExecutor(8) as pool:
        created = [won for won in pool.map(create, [b"%d" % n for n in range(8)]) if won]
    assert created == [storage.get("a")]
