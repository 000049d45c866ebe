"""Events on their way to the broker, in files that outlive the process."""

from pkg.eventstream.buffer.buffer import Buffer
from pkg.eventstream.buffer.limits import Limits
from pkg.eventstream.buffer.record import Record
from pkg.eventstream.buffer.segment import Segment

__all__ = ["Buffer", "Limits", "Record", "Segment"]
