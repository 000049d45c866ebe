"""The master keys of an instance: all open, the last one seals."""

from collections.abc import Sequence

from services.vault.errors import InvalidInput, WrongMasterKey
from services.vault.keyring.master_key import MasterKey


class MasterKeys:
    """Several master keys, so that one can take over from another.

    Attributes:
        newest: the last one, which wraps all that is written.
        ids: the ids of all, in their order.

    Args:
        keys: at least one, no two the same.

    Raises:
        InvalidInput: there is none, or one stands twice.
    """

    __slots__ = ("_by_id", "ids", "newest")

    def __init__(self, keys: Sequence[MasterKey]) -> None:
        if not keys:
            raise InvalidInput("master keys: give at least one, made with MasterKey.generate()")
        self._by_id = {key.id: key for key in keys}
        if len(self._by_id) < len(keys):
            raise InvalidInput(
                "master keys: one stands twice: give each once, the one that is to wrap last"
            )
        self.newest = keys[-1]
        self.ids = tuple(self._by_id)

    def get(self, id: str, what: str) -> MasterKey:
        """The master key of that id.

        Args:
            id: what the record names.
            what: the record, for the message.

        Raises:
            WrongMasterKey: it is not one of these.
        """
        if (key := self._by_id.get(id)) is None:
            raise WrongMasterKey(
                f"{what}: wrapped with master key {id}, and this vault has "
                f"{', '.join(self.ids)}: start it with the master key of that id, too",
                needed=id,
                given=self.ids,
            )
        return key

    def __repr__(self) -> str:
        return f"MasterKeys({', '.join(self.ids)})"
