"""The log holds no secret."""

from base64 import b64decode, b64encode

from pkg.logs import JsonLines
from pkg.logs.testing import captured
from services.vault.keyring import MasterKey, MasterKeys
from services.vault.storage import MemoryStorage
from services.vault.testutil.service import TOKEN, serving
from services.vault.vault import Vault


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
