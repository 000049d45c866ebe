"""Who is let in, and that the way of saying no tells nothing."""

import hmac

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pkg.serving import Tokens, auth
from pkg.serving.example import TOKEN, app, serving

TOKENS = Tokens(["first-token", "second-token", "third-token"])


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
@pytest.mark.parametrize("token", ["first-token", "second-token", "third-token"])
def test_each_token_is_let_in(scheme: str, token: str) -> None:
    """The scheme's name may be written in any case."""
    assert TOKENS.admit(f"{scheme} {token}".encode())


@pytest.mark.parametrize(
    "header",
    [
        b"",
        b"Bearer",
        b"Bearer ",
        b"Bearer first-toke",
        b"Bearer first-tokens",
        b"Bearer first-token second-token",
        b"Bearer FIRST-TOKEN",
        b"Basic first-token",
        b"first-token",
        b"Bearer \xff\xfe",
        b"Bearer first-token\x00",
    ],
)
def test_others_are_not(header: bytes) -> None:
    """A beginning, an end, another case, another scheme, bytes that are no text."""
    assert not TOKENS.admit(header)


@settings(deadline=None, max_examples=50)
@given(st.binary(max_size=100))
def test_no_other_bytes_are_let_in(token: bytes) -> None:
    known = {b"first-token", b"second-token", b"third-token"}
    assert TOKENS.admit(b"Bearer " + token) == (token.strip(b" ") in known)


@pytest.mark.parametrize("header", [b"", b"Bearer first-token", b"Bearer third-token", b"x" * 999])
def test_every_token_is_compared_in_constant_time(
    header: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also after a match, and without one: three comparisons of hashes of the same length."""
    compared: list[tuple[int, int]] = []

    def compare(known: bytes, given: bytes) -> bool:
        compared.append((len(known), len(given)))
        return hmac.compare_digest(known, given)

    class Spy:
        compare_digest = staticmethod(compare)

    monkeypatch.setattr(auth, "hmac", Spy)
    TOKENS.admit(header)
    assert compared == [(32, 32)] * 3


def test_without_tokens_nobody_could_be_let_in() -> None:
    with pytest.raises(ValueError, match="give at least one"):
        Tokens([])


def test_it_shows_no_token() -> None:
    assert repr(TOKENS) == "Tokens(3)"
    assert not hasattr(TOKENS, "__dict__")


def test_missing_and_wrong_are_answered_alike() -> None:
    """But for the request's id: whether there was a token, how long, how near, is not told."""
    answers = []
    with serving(app()) as service:
        for header in (None, "", "Bearer", f"Bearer {TOKEN[:-1]}", f"Basic {TOKEN}", "Bearer a b"):
            headers = {"x-request-id": "same"} | (
                {} if header is None else {"authorization": header}
            )
            request = service.http.build_request("POST", "/v1/echo", json={}, headers=headers)
            if header is None:
                del request.headers["authorization"]
            response = service.http.send(request)
            shown = {k: v for k, v in response.headers.items() if k != "date"}
            answers.append((response.status_code, shown, response.content))
    assert answers[0][0] == 401
    assert answers[0][1]["www-authenticate"] == "Bearer"
    assert b'"title":"unauthorized"' in answers[0][2]
    assert all(answer == answers[0] for answer in answers)


@pytest.mark.parametrize(
    "path",
    [
        "//v1/echo",
        "/v1//echo",
        "/V1/echo",
        "/./v1/echo",
        "/v1/echo/",
        "/%76%31/echo",
        "/nothing",
        "/health/../v1/wait",
    ],
)
def test_no_spelling_of_a_path_gets_round_the_token(path: str) -> None:
    """Only the open paths need none, exactly as they are written."""
    with serving(app()) as service:
        request = service.http.build_request("POST", "/", json={"text": "a"})
        del request.headers["authorization"]
        request.url = request.url.copy_with(raw_path=path.encode())
        assert service.http.send(request).status_code == 401


def test_several_tokens_are_good_at_the_same_time() -> None:
    """So that one can take over from another."""
    with serving(app(tokens=["old-token", "new-token"])) as service:
        for token in ("old-token", "new-token"):
            headers = {"authorization": f"Bearer {token}"}
            answer = service.http.post("/v1/echo", json={"text": "a"}, headers=headers)
            assert answer.status_code == 200
