"""What can go wrong with events.

EventstreamError
├── BufferFull: there is no room for the event now
├── Closed: the producer takes no more, the consumer has run
├── ConsumerFailed: the consumer is no member of its group any more
├── TooLarge: the event will never fit
├── BadEvent: a record is no event of its topic
└── FolderUnusable: the buffer's folder
"""


class EventstreamError(Exception):
    """Something went wrong with events."""


class BufferFull(EventstreamError):
    """There is no room for the event now: it was not published."""


class Closed(EventstreamError):
    """The producer was closed, or is another process's; or the consumer has run."""


class ConsumerFailed(EventstreamError):
    """The consumer is no member of its group any more, and never will be."""


class TooLarge(EventstreamError, ValueError):
    """The event is larger than the broker or the buffer takes: it was not published."""


class BadEvent(EventstreamError, ValueError):
    """A record is no event of its topic."""


class FolderUnusable(EventstreamError, OSError):
    """The buffer's folder can't be used."""
