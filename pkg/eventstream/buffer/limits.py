"""How large a buffer may become."""

from dataclasses import dataclass

from pkg.eventstream.buffer import record

_LEAST_SEGMENTS = 4


@dataclass(frozen=True)
class Limits:
    """How large a buffer may become.

    Attributes:
        bytes: of all its files together, for each process.
        segment_bytes: of one file. A file goes when all of it was acknowledged.
        event_bytes: of the largest event, with its key and its topic's name; a broker takes
            1,000,000 unless told otherwise.

    Raises:
        ValueError: they do not fit one another.
    """

    bytes: int = 256 << 20
    segment_bytes: int = 4 << 20
    event_bytes: int = 900_000

    def __post_init__(self) -> None:
        if self.bytes < _LEAST_SEGMENTS * self.segment_bytes:
            raise ValueError(
                f"eventstream: {self.bytes} bytes are not {_LEAST_SEGMENTS} files of "
                f"{self.segment_bytes}: give more bytes, or a smaller segment_bytes"
            )
        room = self.segment_bytes - record.HEADER_BYTES - record.RECORD_BYTES
        if not 0 < self.event_bytes <= room:
            raise ValueError(
                f"eventstream: an event of {self.event_bytes} bytes does not fit a file of "
                f"{self.segment_bytes}: give a larger segment_bytes, or a smaller event_bytes"
            )
