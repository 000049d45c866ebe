"""Keys: master keys, data keys, and the keyrings that hold data keys in a storage."""

from services.vault.keyring.data_key import DataKey
from services.vault.keyring.keyrings import Keyrings
from services.vault.keyring.master_key import MasterKey
from services.vault.keyring.master_keys import MasterKeys
from services.vault.keyring.roll import Rolled

__all__ = ["DataKey", "Keyrings", "MasterKey", "MasterKeys", "Rolled"]
