"""Publishes what happened: taken at once, and sent on when the broker is there."""

from pkg.eventstream import Json, Producer, Topic
from services.api.events import Verified

# Events of one key keep their order.
VERIFICATIONS = Topic("verifications", Json(Verified), key=lambda event: event.key_id)


class Stream:
    """As `services.api.events.Events` says, on a producer. Usable from several threads.

    Args:
        producer: takes the events; whoever has made it closes it.
    """

    def __init__(self, producer: Producer) -> None:
        self._producer = producer

    def publish(self, event: Verified) -> None:
        """Takes an event: from now on, no end of this process loses it.

        Raises:
            EventstreamError: there is no room for it.
        """
        self._producer.publish(VERIFICATIONS, event)

    def offer(self, event: Verified) -> bool:
        """Takes an event as `publish` does, or returns False where that would wait.

        Raises:
            EventstreamError: as `publish`, but for what there is no room for.
        """
        return self._producer.offer(VERIFICATIONS, event)
