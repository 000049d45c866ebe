"""What is tried again, what is not, and for how long."""

import json
from collections.abc import Callable, Iterator, Sequence

import httpx
import pytest

from pkg.clock import FakeClock
from services.vault.client import (
    CiphertextRefused,
    InvalidRequest,
    ServerFault,
    TooLarge,
    Unauthorized,
    Unavailable,
    UnknownDataKey,
    VaultClient,
    VaultClientError,
    WornOut,
)

DONE = httpx.Response(200, json={"ciphertext": "aHVzaA=="})
MADE = httpx.Response(200, json={"key_id": "0" * 32})
type Step = httpx.Response | type[httpx.TransportError]


def refusal(status: int, code: str, **headers: str) -> httpx.Response:
    """An error as the vault answers it."""
    error = {"code": code, "message": "a sentence", "request_id": "r-1"}
    return httpx.Response(
        status,
        json={"error": error},
        headers={name.replace("_", "-"): value for name, value in headers.items()},
    )


class SelfMoving(FakeClock):
    """A clock that a pause moves forward."""

    def __init__(self) -> None:
        super().__init__()
        self.pauses: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.advance(seconds)


class Script:
    """A vault that answers what it is told, step by step; the last step for ever.

    Attributes:
        client: of it.
        tries: the requests that came.
        pauses: seconds between them.
    """

    def __init__(
        self,
        steps: Sequence[Step],
        *,
        deadline: float = 10.0,
        takes: float = 0.0,
        jitter: Callable[[], float] = lambda: 0.0,
    ) -> None:
        self._steps = list(steps)
        self._clock = SelfMoving()
        self.pauses = self._clock.pauses
        self._takes = takes
        self.tries: list[httpx.Request] = []
        self.client = VaultClient(
            "http://vault",
            "the-token",
            deadline=deadline,
            clock=self._clock,
            jitter=jitter,
            transport=httpx.MockTransport(self._answer),
        )

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.tries.append(request)
        self._clock.advance(self._takes)
        step = self._steps.pop(0) if len(self._steps) > 1 else self._steps[0]
        if isinstance(step, httpx.Response):
            return httpx.Response(step.status_code, headers=step.headers, content=step.content)
        raise step("it was told to")


FOR_A_WHILE: list[Step] = [
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ReadTimeout,
    httpx.ReadError,
    httpx.WriteError,
    httpx.RemoteProtocolError,
    httpx.Response(502, text="a proxy's page"),
    httpx.Response(503),
    refusal(503, "overloaded"),
    refusal(503, "storage_unavailable"),
    refusal(504, "deadline_exceeded"),
]


@pytest.mark.parametrize("step", FOR_A_WHILE)
def test_what_may_pass_is_tried_again(step: Step) -> None:
    """With the same request."""
    script = Script([step, step, DONE])
    assert script.client.encrypt("a", b"hush") == b"hush"
    assert len(script.tries) == 3
    assert len({request.content for request in script.tries}) == 1
    assert json.loads(script.tries[0].content) == {"keyring": "a", "plaintext": "aHVzaA=="}
    assert script.tries[0].headers["authorization"] == "Bearer the-token"


@pytest.mark.parametrize("step", FOR_A_WHILE)
def test_a_data_key_is_not_made_twice(step: Step) -> None:
    """Only what the vault cannot have begun is tried again."""
    script = Script([step, MADE])
    not_begun = step in (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) or (
        isinstance(step, httpx.Response) and b"overloaded" in step.content
    )
    if not_begun:
        assert script.client.create_data_key("a") == "0" * 32
    else:
        with pytest.raises(Unavailable, match="not safe to repeat"):
            script.client.create_data_key("a")
    assert len(script.tries) == (2 if not_begun else 1)


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (400, "invalid_request", InvalidRequest),
        (400, "invalid_input", InvalidRequest),
        (400, "ciphertext_refused", CiphertextRefused),
        (400, "code_of_a_later_version", InvalidRequest),
        (401, "unauthorized", Unauthorized),
        (404, "unknown_data_key", UnknownDataKey),
        (409, "data_key_worn_out", WornOut),
        (413, "too_large", TooLarge),
        (500, "damaged_record", ServerFault),
        (500, "wrong_master_key", ServerFault),
        (500, "internal_error", ServerFault),
    ],
)
def test_an_error_is_raised_at_once(status: int, code: str, kind: type[VaultClientError]) -> None:
    """By its code, with what names it in the vault's log."""
    script = Script([refusal(status, code)])
    with pytest.raises(VaultClientError, match="a sentence") as raised:
        script.client.encrypt("a", b"hush")
    assert type(raised.value) is kind
    assert (raised.value.status, raised.value.code) == (status, code)
    assert raised.value.request_id == "r-1"
    assert len(script.tries) == 1


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(200, text="<html>"),
        httpx.Response(200, json={"other": 1}),
        httpx.Response(200, content=b"\xff"),
        httpx.Response(301, headers={"location": "http://elsewhere"}),
        httpx.Response(404, text="nothing here"),
        httpx.Response(500, content=b"\xff"),
    ],
)
def test_what_is_no_vault_is_told(answer: httpx.Response) -> None:
    """A redirect is not followed: the token would go along."""
    script = Script([answer])
    with pytest.raises(ServerFault, match="check the URL"):
        script.client.encrypt("a", b"hush")
    assert len(script.tries) == 1


def test_an_encoding_that_is_wrong_is_told() -> None:
    """By an error of the client's own."""

    def answer(_: httpx.Request) -> httpx.Response:
        headers = {"content-encoding": "gzip"}
        return httpx.Response(200, headers=headers, stream=httpx.ByteStream(b"no gzip"))

    client = VaultClient("http://vault", "the-token", transport=httpx.MockTransport(answer))
    with client, pytest.raises(ServerFault, match="check the URL"):
        client.encrypt("a", b"hush")


def test_an_answer_that_drips_is_given_up() -> None:
    """Each byte comes in time, and all together would take an hour: what a call may take beyond its
    deadline is one such piece."""
    clock = SelfMoving()

    def drip() -> Iterator[bytes]:
        for _ in range(3600):
            clock.advance(1)
            yield b" "

    def answer(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=drip())

    client = VaultClient(
        "http://vault",
        "the-token",
        deadline=10,
        clock=clock,
        transport=httpx.MockTransport(answer),
    )
    began = clock.monotonic()
    with client, pytest.raises(Unavailable, match=r"does not answer \(ReadTimeout\)"):
        client.encrypt("a", b"hush")
    assert clock.monotonic() - began == 11


def test_pauses_grow_up_to_a_bound() -> None:
    """And end with the deadline, which no pause goes beyond."""
    script = Script([httpx.ConnectError], deadline=10.0)
    with pytest.raises(Unavailable, match=r"within 10 s: the vault can't be reached") as raised:
        script.client.encrypt("a", b"hush")
    assert script.pauses[:6] == [0.05, 0.1, 0.2, 0.4, 0.8, 1.6]
    assert set(script.pauses[6:]) == {2.0}
    assert sum(script.pauses) < 10.0
    assert (raised.value.status, raised.value.code) == (0, "")


@pytest.mark.parametrize("jitter", [0.0, 0.5, 0.999])
def test_pauses_are_shortened_at_random(jitter: float) -> None:
    """To a half at most, so that clients that failed together do not come again together."""
    script = Script([httpx.ConnectError, DONE], jitter=lambda: jitter)
    script.client.encrypt("a", b"hush")
    assert script.pauses == [pytest.approx(0.05 * (1 - jitter / 2))]


@pytest.mark.parametrize(("retry_after", "pause"), [("3", 3.0), ("0", 0.05), ("soon", 0.05)])
def test_retry_after_is_honoured(retry_after: str, pause: float) -> None:
    script = Script([refusal(503, "overloaded", retry_after=retry_after), DONE])
    script.client.encrypt("a", b"hush")
    assert script.pauses == [pause]


def test_retry_after_beyond_the_deadline_ends_the_call() -> None:
    """At once, with what the vault has said."""
    script = Script([refusal(503, "overloaded", retry_after="11")])
    with pytest.raises(Unavailable, match=r"503 \(overloaded\)") as raised:
        script.client.encrypt("a", b"hush")
    assert (raised.value.status, raised.value.code) == (503, "overloaded")
    assert raised.value.request_id == "r-1"
    assert not script.pauses


def test_tries_count_against_the_deadline() -> None:
    """Each one has only the rest of it."""
    script = Script([httpx.ReadTimeout], deadline=10.0, takes=4.0)
    with pytest.raises(Unavailable, match="tries: 3"):
        script.client.encrypt("a", b"hush")
    left = [request.extensions["timeout"]["read"] for request in script.tries]
    assert left == [pytest.approx(10.0), pytest.approx(5.95), pytest.approx(1.85)]
