"""Limits rates of whatever has a name: name spaces and overrides from caches, counts in Redis."""

from services.api.limiting.limits import Limits
from services.api.limiting.spaces import AGES, Space, Spaces

__all__ = ["AGES", "Limits", "Space", "Spaces"]
