"""Whether the broker is reached: a line in the log when that changes."""

import logging

from confluent_kafka import KafkaError

# Of one connection, which may be one of many. If all are broken, librdkafka says that, too.
_OF_ONE = {KafkaError._TIMED_OUT, KafkaError._TRANSPORT}


class Reach:
    """What is known of the broker.

    Args:
        log: of the module that asks.
        meanwhile: begins the line of an outage's begin, such as "events wait".
    """

    def __init__(self, log: logging.Logger, meanwhile: str) -> None:
        self._log = log
        self._meanwhile = meanwhile
        self._is_reached = True

    def lost(self, error: KafkaError) -> None:
        """Notes an error that ends by itself, or by somebody's doing."""
        if self._is_reached and error.code() not in _OF_ONE:
            self._is_reached = False
            # The name only: the text may have an address and credentials in it.
            self._log.warning(
                "eventstream: %s: the broker can't be reached (%s)", self._meanwhile, error.name()
            )

    def found(self) -> None:
        """Notes that the broker has answered."""
        if not self._is_reached:
            self._is_reached = True
            self._log.info("eventstream: the broker is reached again")
