"""The whole: keys that are shown again by a vault on S3, and verifications on Kafka."""

from pkg.testutil import eventually
from services.api.testutil.whole import WholeApiHarness
from services.api.wire.keys import CREATE_KEY, GET_KEY, CreateKeyRequest, GetKeyRequest
from services.api.wire.verification import VERIFY_KEY, VerifyKeyRequest

h = WholeApiHarness.fixture()


def test_a_key_comes_back_from_the_vault(h: WholeApiHarness) -> None:
    """Whoever has made it; in the database there is none of it."""
    ws = h.create_workspace()
    api, root_key = h.create_api(ws.id), h.create_root_key(ws.id)
    asked = CreateKeyRequest(api_id=api.id, recoverable=True)
    made = h.call(CREATE_KEY, asked, root_key).ok.data
    seeded = h.create_key(api, recoverable=True)
    for key_id, text in ((made.key_id, made.key), (seeded.id, seeded.text)):
        told = h.call(GET_KEY, GetKeyRequest(key_id=key_id, decrypt=True), root_key).ok.data
        assert told.plaintext == text
        stored = h.keys.ciphertext(key_id)
        assert stored is not None
        assert text.encode() not in stored


def test_verifications_arrive_on_the_broker(h: WholeApiHarness) -> None:
    """Each once."""
    ws = h.create_workspace()
    key, root_key = h.create_key(h.create_api(ws.id)), h.create_root_key(ws.id)
    for _ in range(3):
        assert h.call(VERIFY_KEY, VerifyKeyRequest(key=key.text), root_key).ok.data.valid
    eventually(lambda: len(h.events) == 3, within=60)
    assert {(each.workspace_id, each.key_id) for each in h.events} == {(ws.id, key.id)}
