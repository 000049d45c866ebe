"""The log is JSON, names each request, and holds no secret."""

from base64 import b64decode, b64encode

import pytest

from pkg.logs import JsonLines
from pkg.logs.testing import captured
from services.vault.keyring import MasterKey, MasterKeys
from services.vault.storage import MemoryStorage
from services.vault.testutil.service import TOKEN, memory_vault, serving
from services.vault.vault import Vault


def test_a_request_is_one_line() -> None:
    """With its id, its route, its status and its time; an error has its code."""
    with captured(JsonLines(error_texts=False)) as lines, serving(memory_vault()) as service:
        service.http.headers["x-request-id"] = "r-1"
        service.post("/v1/encrypt", keyring="a", plaintext="")
        service.post("/v1/encrypt", keyring="/", plaintext="")
        service.http.get("/hush")
    good, bad, other = lines.of("request")
    assert list(good) == ["time", "level", "event", "request_id", "route", "status", "ms"]
    assert (good["request_id"], good["route"], good["status"]) == ("r-1", "/v1/encrypt", 200)
    assert 0 < good["ms"] < 10_000
    assert (bad["status"], bad["code"]) == (400, "invalid_input")
    assert (other["route"], other["status"]) == ("other", 404)
    assert "hush" not in lines.text


@pytest.mark.parametrize("given", ["", "a" * 65, "a b", 'a"b', "a/b", "\u00e9"])
def test_an_ill_formed_request_id_is_replaced(given: str) -> None:
    """It would go into logs that others read."""
    with captured(JsonLines(error_texts=False)) as lines, serving(memory_vault()) as service:
        headers = {b"x-request-id": given.encode()}
        answer = service.http.get("/health/live", headers=headers)
    (line,) = lines.of("request")
    assert line["request_id"] == answer.headers["x-request-id"]
    assert line["request_id"] not in ("", given)


def test_start_and_stop_are_told() -> None:
    with captured(JsonLines(error_texts=False)) as lines, serving(memory_vault()) as service:
        pass
    assert lines.of("listening")[0]["url"] == service.url
    assert len(lines.of("stopping")) == len(lines.of("stopped")) == 1


def test_no_secret_is_logged() -> None:
    """By no operation, in no error, by no library, down to debug: no key, no token, no body."""
    master_key, secret = MasterKey.generate(), b"correct horse battery staple"
    vault = Vault(MemoryStorage(), MasterKeys([master_key]))
    encoded = b64encode(secret).decode()
    seen = [TOKEN, master_key.reveal(), encoded, secret.decode(), secret.hex()]
    with captured(JsonLines(error_texts=False)) as lines, serving(vault) as service:
        answer = service.post("/v1/encrypt", keyring="a", plaintext=encoded)
        ciphertext = answer.json()["ciphertext"]
        bulk = service.post("/v1/encryptBulk", keyring="a", plaintexts=[encoded]).json()
        seen += [ciphertext, b64decode(ciphertext).hex(), *bulk["ciphertexts"]]
        for keyring in ("a", "b", "/" + encoded, secret.decode()):
            service.post("/v1/encrypt", keyring=keyring, plaintext=encoded)
            service.post("/v1/decrypt", keyring=keyring, ciphertext=ciphertext)
            service.post("/v1/decrypt", keyring=keyring, ciphertext=ciphertext[:-4] + "AAA=")
            service.post("/v1/decryptBulk", keyring=keyring, ciphertexts=[ciphertext, encoded])
            service.post("/v1/reencrypt", keyring=keyring, ciphertext=ciphertext)
            service.post("/v1/reencrypt", keyring=keyring, ciphertext=ciphertext, key_id=encoded)
            service.post("/v1/createDataKey", keyring=keyring)
            service.post("/v1/encrypt", keyring=keyring, plaintext=secret.decode())
            service.post("/v1/encrypt", keyring=keyring, plaintext=encoded, other=encoded)
            service.post("/v1/encrypt", **{encoded: encoded})
        service.post("/v1/roll", after=encoded)
        service.post("/v1/roll")
        service.http.get(f"/{encoded}?token={TOKEN}")
        wrong = {"authorization": f"Bearer {encoded}"}
        service.http.post("/v1/roll", json={}, headers=wrong)
    assert len(lines.of("request")) > 40
    for each in seen:
        assert each not in lines.text
