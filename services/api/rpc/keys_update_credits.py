"""POST /v2/keys.updateCredits"""

from dataclasses import replace

from services.api import shown
from services.api.domain import credit_changes
from services.api.domain.key import Key
from services.api.ports import KeyUpdate
from services.api.rpc.call import Call, Operation
from services.api.rpc.key_changes import KeyChanges
from services.api.wire.keys import UPDATE_CREDITS, Credits, UpdateCreditsRequest


def operation(changes: KeyChanges) -> Operation[UpdateCreditsRequest, Credits]:
    """The operation, on that store."""

    def run(call: Call, asked: UpdateCreditsRequest) -> Credits:
        """Sets a key's credits, adds to them, or takes from them."""

        def work(key: Key) -> KeyUpdate:
            now = changes.clock.now()
            credits = credit_changes.counted(key.credits, asked, now)
            return KeyUpdate(key=replace(key, updated_at=now, credits=credits))

        changed = changes.make(
            call, asked.key_id, work, "key.update_credits", operation=asked.operation
        )
        return shown.credits(changed.key.credits) or Credits(remaining=None)

    return Operation(UPDATE_CREDITS, UpdateCreditsRequest, run)
