"""The usual codec: msgspec's structs as JSON, with a version."""

from collections.abc import Callable, Mapping
from contextlib import suppress

import msgspec

from pkg.eventstream.errors import BadEvent

_HEAD = b'{"version":%d,"event":'


class _Envelope(msgspec.Struct):
    version: int
    event: msgspec.Raw


class Json[E]:
    """Events as `{"version":1,"event":{…}}`.

    A field with a default can be added within a version: old events get the default, old programs
    pass over what they don't know. Whatever changes more is a new version.

    Args:
        kind: what the events are, such as a msgspec.Struct.
        version: of what is written; at least 1.
        older: for each older version that is still read, what makes an event of its JSON.

    Raises:
        ValueError: a version is out of order.
    """

    def __init__(
        self,
        kind: type[E],
        *,
        version: int = 1,
        older: Mapping[int, Callable[[bytes], E]] | None = None,
    ) -> None:
        older = dict(older or {})
        if version < 1 or any(not 1 <= one < version for one in older):
            raise ValueError(
                f"eventstream: version {version} after {sorted(older)}: count on from 1"
            )
        self._head = _HEAD % version
        self._encoder = msgspec.json.Encoder()
        self._envelopes = msgspec.json.Decoder(_Envelope)
        self._current = msgspec.json.Decoder(kind).decode
        self._decoders = {**older, version: self._current}

    def encode(self, event: E) -> bytes:
        """The event's JSON."""
        return self._head + self._encoder.encode(event) + b"}"

    def decode(self, data: bytes) -> E:
        """The event of JSON.

        Raises:
            BadEvent: it is no event's, or of a version that is not known.
        """
        try:
            if data.startswith(self._head) and data.endswith(b"}"):
                with suppress(msgspec.MsgspecError):  # else something stands behind the event
                    return self._current(data[len(self._head) : -1])
            envelope = self._envelopes.decode(data)
            decode = self._decoders.get(envelope.version)
            if decode is None:
                known = ", ".join(map(str, sorted(self._decoders)))
                raise BadEvent(f"it has version {envelope.version}, known are {known}")
            return decode(bytes(envelope.event))
        except (msgspec.MsgspecError, UnicodeError) as error:
            raise BadEvent(str(error)) from error  # names places and types, and no values
