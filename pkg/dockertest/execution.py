"""What came of a command in a container."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Exec:
    """What a command in a container printed, and its exit status."""

    status: int
    stdout: str
    stderr: str
