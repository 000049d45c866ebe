"""Where keyrings are kept."""

from services.vault.storage.memory import MemoryStorage
from services.vault.storage.s3 import S3Storage
from services.vault.storage.storage import Storage, Stored

__all__ = ["MemoryStorage", "S3Storage", "Storage", "Stored"]
