"""Settings that know the prefix of their variables."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Self

from pkg.config.reading import read, usage


class FromEnvironment:
    """What a dataclass inherits to be read from variables: `class Settings(…, prefix="API")`."""

    PREFIX: ClassVar[str]

    def __init_subclass__(cls, *, prefix: str, **given: Any) -> None:
        super().__init_subclass__(**given)
        cls.PREFIX = prefix

    @classmethod
    def read(
        cls, environ: Mapping[str, str], hide: Callable[[str], object] = lambda secret: None
    ) -> Self:
        """The settings that an environment tells, as `pkg.config.read` says.

        Args:
            environ: such as `os.environ`.
            hide: is told the text of every secret, such as a redactor's `add`.

        Raises:
            InvalidConfig: with a line for each variable to mend.
        """
        return read(cls, environ, prefix=cls.PREFIX, hide=hide)

    @classmethod
    def usage(cls) -> str:
        """All variables, one a line, with what they mean and their defaults."""
        return usage(cls, prefix=cls.PREFIX)
