"""What instances have published, as a broker has it."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from pkg import uid
from pkg.clock import SystemClock
from pkg.dockertest.kafka import KafkaServer
from pkg.eventstream import Consumer
from pkg.testutil import eventually
from services.api.eventing import VERIFICATIONS
from services.api.events import Verified

_SECONDS = 60.0
_LEAVE_SECONDS = 30.0


@contextmanager
def arriving(kafka: KafkaServer, take: Callable[[Sequence[Verified]], object]) -> Iterator[None]:
    """Hands over verifications as they arrive, from the first one on, until the block ends.

    Args:
        take: gets them in a thread, each at least once.
    """
    # By the machine's clock: by a test's, what waits would wait until the test moves it.
    clock = SystemClock()
    consumer = Consumer(
        VERIFICATIONS,
        kafka.config,
        group=uid.new("test", clock),
        clock=clock,
        prefix=kafka.prefix,
    )
    thread = threading.Thread(target=consumer.run, args=(take,), name="arriving", daemon=True)
    thread.start()
    try:
        yield
    finally:
        consumer.stop()
        thread.join(_LEAVE_SECONDS)


def published(kafka: KafkaServer, many: int) -> list[Verified]:
    """The verifications on a broker, each once, when so many are there.

    Raises:
        AssertionError: they are not, after a minute.
    """
    found: dict[str, Verified] = {}
    with arriving(kafka, lambda batch: found.update((each.id, each) for each in batch)):
        eventually(lambda: len(found) >= many, within=_SECONDS)
    return list(found.values())
