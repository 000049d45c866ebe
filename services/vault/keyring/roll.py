"""Rolling: everything stored is sealed anew with the newest master key."""

from collections.abc import Callable
from dataclasses import dataclass

from services.vault.errors import DamagedRecord, WrongMasterKey
from services.vault.keyring.records import Records

# An instance that is encrypting changes the counts of data keys meanwhile.
_TRIES = 100


@dataclass(frozen=True)
class Rolled:
    """What one part of a roll has done.

    Attributes:
        seen: how many objects were looked at.
        rewrapped: how many of them were sealed anew; the others were already.
        damaged: the names of those that could not be opened, and were left as they are.
        next: after which object to go on; "" when all is done.
    """

    seen: int
    rewrapped: int
    damaged: tuple[str, ...]
    next: str


def roll(records: Records, after: str, limit: int, out_of_time: Callable[[], bool]) -> Rolled:
    """Seals anew what stands after a name, until the end, a number of objects or a time.

    Each object is replaced whole, if nobody else has changed it; so it can end at any point and
    be done again from there, or from the first on, also by several at a time. What is done
    already costs one read.

    Raises:
        StorageError: the storage did not answer, or refused.
    """
    seen = rewrapped = 0
    damaged: list[str] = []
    names = records.names(after, limit)
    for name in names:
        # At least one, so that who goes on where this ends comes to an end.
        if seen and out_of_time():
            return Rolled(seen, rewrapped, tuple(damaged), after)
        try:
            rewrapped += _rewrap(records, name)
        except (DamagedRecord, WrongMasterKey):
            damaged.append(name)
        seen += 1
        after = name
    return Rolled(seen, rewrapped, tuple(damaged), after if len(names) == limit else "")


def _rewrap(records: Records, name: str) -> bool:
    for _ in range(_TRIES):
        if (done := records.rewrap(name)) is not None:
            return done
    raise DamagedRecord(f"{name}: changes all the time: roll again later")
