"""A new data key over HTTP."""

import re
from base64 import b64decode, b64encode

from services.vault.testutil.service import memory_vault, serving


def test_from_then_on_it_encrypts() -> None:
    """Each call makes another one; what was encrypted before stays readable."""
    vault = memory_vault()
    before = b64encode(vault.encrypt("a", b"old")).decode()
    with serving(vault) as service:
        ids = [service.post("/v1/createDataKey", keyring="a").json()["key_id"] for _ in range(2)]
        answer = service.post("/v1/encrypt", keyring="a", plaintext="AAAA")
        assert bytes.fromhex(ids[1]) in b64decode(answer.json()["ciphertext"])[:40]
        assert service.post("/v1/decrypt", keyring="a", ciphertext=before).status_code == 200
    assert len(set(ids)) == 2
    assert all(re.fullmatch("[0-9a-f]{32}", each) for each in ids)
