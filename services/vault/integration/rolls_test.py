"""A roll may end anywhere, also by SIGKILL, and be done again, also by two at a time."""

import random
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from pkg.dockertest import Scope
from pkg.dockertest.s3 import S3, S3Server
from pkg.testutil.processes import line, python
from services.vault.keyring import MasterKey, Rolled
from services.vault.storage import S3Storage
from services.vault.testutil import aloud
from services.vault.testutil.instances import BUCKET, instance
from services.vault.testutil.kept import Kept, encrypted, unreadable

KEYRINGS = [f"keyring-{number}" for number in range(20)]
OBJECTS = 3 * len(KEYRINGS)
OLD, NEW = MasterKey(b"o" * 32), MasterKey(b"n" * 32)


@pytest.fixture
def s3(dockertest: Scope) -> S3Server:
    return dockertest.start(S3(buckets=[BUCKET]))


def test_a_roll_whose_process_is_killed_is_done_again(s3: S3Server) -> None:
    """By SIGKILL, six times, each some writes further on: after each, all is readable with both
    keys, and each object is either as it was or wrapped anew. A last roll ends the work."""
    kept = filled(s3)
    choose = random.Random(7)
    done = 0
    for _ in range(6):
        with python(aloud.ROLL, aloud.described(s3, OLD, NEW)) as process:
            for _ in range(choose.randrange(1, 7)):
                assert line(process) == "writes"
            process.kill()
            process.wait()
        before, done = done, wrapped_anew(s3)
        assert before <= done < OBJECTS
        assert unreadable(instance(s3, OLD, NEW), kept) == []
    # A last write may have arrived after its process had ended.
    done = wrapped_anew(s3)
    assert done > 0
    rolled = instance(s3, OLD, NEW).roll()
    assert rolled == Rolled(OBJECTS, OBJECTS - done, (), "")
    assert wrapped_anew(s3) == OBJECTS
    assert unreadable(instance(s3, NEW), kept) == []


def test_a_roll_in_parts_does_each_object_once(s3: S3Server) -> None:
    """Each part by an instance that has seen nothing of the ones before, but where they ended."""
    kept = filled(s3)
    parts: list[Rolled] = []
    while not parts or parts[-1].next:
        parts.append(instance(s3, OLD, NEW).roll(parts[-1].next if parts else "", limit=7))
        assert unreadable(instance(s3, OLD, NEW), kept[:3]) == []
    assert sum(part.seen for part in parts) == sum(part.rewrapped for part in parts) == OBJECTS
    assert unreadable(instance(s3, NEW), kept) == []


def test_two_rolls_at_the_same_time_share_the_work(s3: S3Server) -> None:
    """Both come to their ends, and together they have wrapped each object once."""
    kept = filled(s3)
    start = Barrier(2)

    def roll(_: int) -> Rolled:
        rolling = instance(s3, OLD, NEW)
        start.wait()
        return rolling.roll()

    with ThreadPoolExecutor(2) as pool:
        both = list(pool.map(roll, range(2)))
    assert [(rolled.seen, rolled.damaged, rolled.next) for rolled in both] == [
        (OBJECTS, (), "")
    ] * 2
    assert sum(rolled.rewrapped for rolled in both) == OBJECTS
    assert unreadable(instance(s3, NEW), kept) == []


def test_two_rolls_in_opposite_directions_leave_all_readable(s3: S3Server) -> None:
    """By two instances that disagree which master key is the newest."""
    kept = filled(s3)
    start = Barrier(2)

    def roll(keys: tuple[MasterKey, MasterKey]) -> list[Rolled]:
        rolling = instance(s3, *keys)
        start.wait()
        return [rolling.roll() for _ in range(3)]

    with ThreadPoolExecutor(2) as pool:
        rolled = [one for each in pool.map(roll, [(OLD, NEW), (NEW, OLD)]) for one in each]
    assert {(each.seen, each.damaged) for each in rolled} == {(OBJECTS, ())}
    assert unreadable(instance(s3, OLD, NEW), kept) == []


def filled(s3: S3Server) -> list[Kept]:
    """Something encrypted in each keyring, under the old master key: three objects for each."""
    filling = instance(s3, OLD)
    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(lambda each: encrypted(filling, each, each.encode()), KEYRINGS))


def wrapped_anew(s3: S3Server) -> int:
    """How many objects name the new master key."""
    storage = S3Storage(s3.client(), BUCKET)

    def is_anew(name: str) -> bool:
        stored = storage.get(name)
        return stored is not None and stored.content[3:19].hex() == NEW.id

    with ThreadPoolExecutor(4) as pool:
        return sum(pool.map(is_anew, storage.names("", "", 1000)))
