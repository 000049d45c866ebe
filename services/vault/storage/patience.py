"""Requests that end in time, tried again while there is time."""

import random
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

import urllib3
from urllib3 import BaseHTTPResponse
from urllib3.exceptions import HTTPError, ProtocolError, TimeoutError

from pkg.clock import Clock, SystemClock
from services.vault.storage.timed import TimedPoolManager

PATIENCE = timedelta(seconds=5)

# What may pass. 409: something else was done to the same name at that moment.
TEMPORARY = frozenset({409, 429, 500, 502, 503, 504})

_CONNECT_SECONDS = 2.0
# Of the whole time, for which a try may hear nothing: its connection may have died without a word,
# as one does that somebody between has forgotten.
_SILENT_SHARE = 0.5
_FIRST_PAUSE_SECONDS = 0.05
_LONGEST_PAUSE_SECONDS = 1.0
# More than any record or failure has; of what is longer, nobody needs the rest.
MOST_BYTES = 64 << 10
_CODE = re.compile(rb"<Code>([A-Za-z]{1,64})</Code>")


@dataclass(frozen=True)
class Answer:
    """What a server has answered.

    Attributes:
        status: the HTTP status.
        etag: the ETag, or "".
        body: all of it, or more than `MOST_BYTES` of one that is longer.
    """

    status: int
    etag: str
    body: bytes

    @property
    def reason(self) -> str:
        """S3's code for a failure, such as NoSuchKey."""
        found = _CODE.search(self.body)
        return found[1].decode() if found else "no reason given"


class Patience:
    """Sends requests, each until it is answered or a time is over. Usable from several threads.

    Args:
        total: how long one request may take, with all its tries. A server that answers byte by
            byte can stretch it to twice as much, with connections from `pool`.
        http: the connections; a pool of its own unless given.
        clock: tells how much of the time is left, and waits between two tries.
    """

    def __init__(
        self,
        total: timedelta = PATIENCE,
        http: urllib3.PoolManager | None = None,
        clock: Clock | None = None,
    ) -> None:
        self._total = total.total_seconds()
        self._http = http or pool(total)
        self._clock = clock or SystemClock()

    def send(self, method: str, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """The answer; after a temporary failure, that of the last try.

        Only for requests that may be repeated.

        Raises:
            HTTPError: no try was answered.
        """
        end = self._clock.monotonic() + self._total
        pause = _FIRST_PAUSE_SECONDS
        while True:
            answer: Answer | HTTPError
            try:
                answer = self._try(method, url, body, headers, end)
                if answer.status not in TEMPORARY:
                    return answer
            except HTTPError as error:
                answer = error
            # Some randomness, so that those who failed together don't come back together.
            wait = pause * random.uniform(0.5, 1.5)
            if self._clock.monotonic() + wait >= end:
                if isinstance(answer, HTTPError):
                    raise answer
                return answer
            self._clock.sleep(wait)
            pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)

    def _try(
        self, method: str, url: str, body: bytes, headers: Mapping[str, str], end: float
    ) -> Answer:
        left = max(end - self._clock.monotonic(), 0.001)
        read = min(left, self._total * _SILENT_SHARE)
        timeout = urllib3.Timeout(connect=min(left, _CONNECT_SECONDS), read=read)
        answer = self._http.request(
            method,
            url,
            body=body or None,
            headers=dict(headers),
            timeout=timeout,
            retries=False,
            redirect=False,
            preload_content=False,
        )
        try:
            body = self._body(answer, end)
            return Answer(answer.status, answer.headers.get("etag", ""), body)
        except BaseException:
            answer.close()  # half read, it is of no use for the next request
            raise
        finally:
            answer.release_conn()

    def _body(self, answer: BaseHTTPResponse, end: float) -> bytes:
        received = bytearray()
        # By what has arrived: read() would wait for all of it, for each piece anew.
        while piece := answer.read1(MOST_BYTES):
            received += piece
            if self._clock.monotonic() > end:
                raise TimeoutError("the answer came too slowly")
            if len(received) > MOST_BYTES:
                answer.close()  # its rest is on the connection
                return bytes(received)
        # To the library, a connection that breaks off ends an answer, and also its headers.
        if not answer.chunked and answer.length_remaining != 0:
            raise ProtocolError("the answer broke off")
        return bytes(received)


def pool(total: timedelta = PATIENCE) -> urllib3.PoolManager:
    """Connections that give up after that time, where minio-py's own wait for minutes."""
    seconds = total.total_seconds()
    return TimedPoolManager(seconds, connect=min(seconds, _CONNECT_SECONDS), maxsize=32)
