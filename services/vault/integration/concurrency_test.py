"""Many clients on several instances, while master keys roll back and forth and data keys change.

For SECONDS, 10 unless told otherwise. How much was done is in the test's report.
"""

import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from pkg.clock import FakeClock
from pkg.dockertest import Scope
from pkg.dockertest.s3 import S3
from services.vault.keyring import MasterKey
from services.vault.keyring.keyrings import TTL
from services.vault.testutil.instances import BUCKET, instance
from services.vault.testutil.kept import unreadable
from services.vault.testutil.traffic import traffic

SECONDS = float(os.environ.get("SECONDS", "10"))
CLIENTS = 16
KEYRINGS = [f"keyring-{number}" for number in range(5)]


def test_no_client_notices_a_roll(
    dockertest: Scope, clock: FakeClock, record_property: Callable[[str, object], None]
) -> None:
    """16 clients on 4 instances that disagree about the newest master key: nothing is refused, and
    all that was acknowledged is readable by each instance and by a new one. Meanwhile each roll
    wraps all anew with the key that was not the newest before, data keys are made, and instances
    forget what they remember."""
    s3 = dockertest.start(S3(buckets=[BUCKET]))
    one, other = MasterKey.generate(), MasterKey.generate()
    orders = [(one, other), (other, one)]
    instances = [instance(s3, *orders[number % 2], clock=clock) for number in range(4)]
    rolling = [instance(s3, *order) for order in orders]
    for keyring in KEYRINGS:
        instances[0].encrypt(keyring, b"so that there is something to roll from the beginning")
    rewrapped: list[int] = []
    made: list[str] = []
    over = threading.Event()

    def roll() -> None:
        while not over.is_set():
            rolled = rolling[len(rewrapped) % 2].roll(limit=100_000)
            assert (rolled.damaged, rolled.next) == ((), "")
            rewrapped.append(rolled.rewrapped)

    def make_data_keys() -> None:
        while not over.wait(0.1):
            keyring = KEYRINGS[len(made) % len(KEYRINGS)]
            made.append(instances[len(made) % len(instances)].create_data_key(keyring))

    def forget() -> None:
        while not over.wait(0.25):
            clock.advance(TTL)

    with (
        traffic(instances, KEYRINGS, CLIENTS) as going_on,
        meanwhile(over, roll, make_data_keys, forget),
    ):
        over.wait(SECONDS)

    counts = {
        "encrypted": len(going_on.acknowledged) - going_on.reencrypted,
        "decrypted": going_on.decrypted,
        "reencrypted": going_on.reencrypted,
        "data keys": len(made),
        "rolls": len(rewrapped),
        "rewrapped": sum(rewrapped),
    }
    print(counts)
    for name, count in counts.items():
        record_property(name, count)
    for vault in (*instances, instance(s3, one, other)):
        assert unreadable(vault, going_on.acknowledged) == []
    # The first roll may find all as it should be; each later one has at least the first data keys.
    assert len(rewrapped) >= 3
    assert all(count >= len(KEYRINGS) for count in rewrapped[1:])
    assert min(counts.values()) >= 3
    assert len(set(made)) == len(made)


@contextmanager
def meanwhile(over: threading.Event, *works: Callable[[], None]) -> Iterator[None]:
    """Threads that work until it is over; the end raises what went wrong in one of them."""
    with ThreadPoolExecutor(len(works)) as pool:
        working = [pool.submit(work) for work in works]
        try:
            yield
        finally:
            over.set()
    for each in working:
        each.result()
