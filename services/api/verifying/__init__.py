"""Verifies keys: what is stored of them from the caches, limits in Redis, credits in the store."""

from services.api.verifying.at_once import AtOnce
from services.api.verifying.finder import AGES, Finder
from services.api.verifying.last_uses import LastUses
from services.api.verifying.verifier import Verifier

__all__ = ["AGES", "AtOnce", "Finder", "LastUses", "Verifier"]
