"""POST /v2/keys.verifyKey"""

from services.api.rpc.call import Call, Operation
from services.api.verifying import AtOnce, Verifier
from services.api.wire.verification import VERIFY_KEY, Verification, VerifyKeyRequest


def operation(verifier: Verifier, at_once: AtOnce) -> Operation[VerifyKeyRequest, Verification]:
    """The operation, on that verifier, and on one for keys that need no thread."""

    def run(call: Call, asked: VerifyKeyRequest) -> Verification:
        """Whether a key is valid, and spends what that costs. Always 200: `valid` tells."""
        return verifier.verify(call.caller, asked, call.request_id)

    def quick(call: Call, asked: VerifyKeyRequest) -> Verification | None:
        return at_once.verify(call.caller, asked, call.request_id)

    return Operation(VERIFY_KEY, VerifyKeyRequest, run, quick)
