"""One call: tries, pauses and a deadline."""

from collections.abc import Callable
from dataclasses import dataclass

import httpx
import msgspec

from pkg.clock import Clock
from services.vault.client.errors import (
    BY_CODE,
    InvalidRequest,
    ServerFault,
    Unavailable,
    VaultClientError,
)
from services.vault.wire import ErrorResponse, Problem

_FIRST_PAUSE = 0.05
_LONGEST_PAUSE = 2.0
_TEMPORARY = frozenset({502, 503, 504})
# The vault says so before it begins.
_NOT_BEGUN = frozenset({"overloaded"})
_NO_VAULT = "what answers is no vault: check the URL"
_HEADERS = {"content-type": "application/json"}


@dataclass(frozen=True)
class _Failed:
    """A try that failed for a while.

    Attributes:
        reason: what to say if it was the last one.
        begun: whether the vault may have begun.
        retry_after: seconds that the answer asks to wait for.
        problem: what the vault has answered, if it has.
        status: likewise.
    """

    reason: str
    begun: bool
    retry_after: float = 0.0
    problem: Problem | None = None
    status: int = 0


class Calls:
    """Makes calls.

    Args:
        http: sends requests.
        deadline: seconds for a call.
        clock: tells when they have passed, and waits.
        jitter: a random number from 0 to 1.
    """

    def __init__(
        self,
        http: httpx.Client,
        deadline: float,
        clock: Clock,
        jitter: Callable[[], float],
    ) -> None:
        self._http = http
        self._deadline = deadline
        self._clock = clock
        self._jitter = jitter

    def call[A: msgspec.Struct](
        self, path: str, asked: msgspec.Struct, form: type[A], *, repeatable: bool = True
    ) -> A:
        """The answer to a request.

        Args:
            path: of the operation.
            asked: the request.
            form: of the answer.
            repeatable: whether it may be sent again after the vault may have begun.

        Raises:
            VaultClientError: there was none, or it is no success.
        """
        content = msgspec.json.encode(asked)
        end = self._clock.monotonic() + self._deadline
        pause = _FIRST_PAUSE
        tries = 0
        while True:
            tries += 1
            done = self._try(path, content, form, end)
            if not isinstance(done, _Failed):
                return done
            wait = max(pause * (1 - self._jitter() / 2), done.retry_after)
            if done.begun and not repeatable:
                raise _unavailable(path, tries, done, "and it is not safe to repeat")
            if self._clock.monotonic() + wait >= end:
                raise _unavailable(path, tries, done, f"within {self._deadline:g} s")
            self._clock.sleep(wait)
            pause = min(pause * 2, _LONGEST_PAUSE)

    def _try[A: msgspec.Struct](
        self, path: str, content: bytes, form: type[A], end: float
    ) -> A | _Failed:
        try:
            status, headers, body = self._send(path, content, end)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            return _Failed(f"can't be reached ({type(error).__name__})", begun=False)
        except httpx.TransportError as error:
            return _Failed(f"does not answer ({type(error).__name__})", begun=True)
        except httpx.DecodingError:
            raise ServerFault(f"vault: {path}: {_NO_VAULT}") from None
        if status == 200:
            try:
                return msgspec.json.decode(body, type=form)
            except (msgspec.DecodeError, UnicodeDecodeError):
                raise ServerFault(f"vault: {path}: {_NO_VAULT}", status=status) from None
        problem = _problem(body)
        if status in _TEMPORARY:
            code = problem.code if problem else ""
            reason = f"answers {status} ({code or 'not by the vault itself'})"
            after = _seconds(headers.get("retry-after", ""))
            return _Failed(reason, code not in _NOT_BEGUN, after, problem, status)
        raise _error(path, status, problem)

    def _send(self, path: str, content: bytes, end: float) -> tuple[int, httpx.Headers, bytes]:
        left = max(end - self._clock.monotonic(), 0.001)
        with self._http.stream(
            "POST", path, content=content, headers=_HEADERS, timeout=left
        ) as response:
            parts = []
            for part in response.iter_bytes():
                parts.append(part)
                if self._clock.monotonic() > end:
                    raise httpx.ReadTimeout("the answer takes too long", request=response.request)
            return response.status_code, response.headers, b"".join(parts)


def _problem(body: bytes) -> Problem | None:
    try:
        return msgspec.json.decode(body, type=ErrorResponse).error
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def _seconds(retry_after: str) -> float:
    # Its other form, a date, no vault sends.
    return float(retry_after) if retry_after.isdecimal() and len(retry_after) < 7 else 0.0


def _error(path: str, status: int, problem: Problem | None) -> VaultClientError:
    if problem is None:
        return ServerFault(
            f"vault: {path}: {status}, and not by the vault itself: check the URL", status=status
        )
    kind = BY_CODE.get(problem.code, InvalidRequest if status < 500 else ServerFault)
    return kind(
        f"vault: {path}: {problem.message} ({problem.code}, request {problem.request_id})",
        code=problem.code,
        status=status,
        request_id=problem.request_id,
    )


def _unavailable(path: str, tries: int, last: _Failed, why: str) -> Unavailable:
    return Unavailable(
        f"vault: {path}: no success {why}: the vault {last.reason}; tries: {tries}",
        code=last.problem.code if last.problem else "",
        status=last.status,
        request_id=last.problem.request_id if last.problem else "",
    )
