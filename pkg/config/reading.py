"""Reads what a dataclass declares, and collects what is wrong with it."""

from collections.abc import Callable, Mapping
from typing import Any

from pkg.config.errors import InvalidConfig
from pkg.config.variable import REQUIRED, Declared, Part, fields, name, variables

_MOST_BYTES = 1 << 20
# So many characters of a secret are not shown in a message, even by chance.
_TELLING = 8
_COLUMN = 27


def read[T](
    form: type[T],
    environ: Mapping[str, str],
    *,
    prefix: str,
    hide: Callable[[str], object] = lambda secret: None,
) -> T:
    """The settings that an environment tells.

    A field `redis_url` is read from PREFIX_REDIS_URL, or from the file that PREFIX_REDIS_URL_FILE
    names; white space around a value is no part of it. When all values are good, the dataclass's
    own checks (`__post_init__`) may raise ValueError, with a line for each problem.

    Args:
        form: a dataclass with fields of `variable` and `part`.
        environ: such as `os.environ`.
        prefix: of all variables, such as "API".
        hide: is told the text of every secret, such as a redactor's `add`.

    Raises:
        InvalidConfig: with a line for each variable to mend.
    """
    reader = _Reader(environ, hide)
    made: T = reader.made(form, prefix)
    if reader.problems:
        raise InvalidConfig([_one_line(problem) for problem in reader.problems])
    return made


def usage(form: type, *, prefix: str) -> str:
    """All variables, one a line, with what they mean and their defaults."""
    lines = []
    for each in variables(form, prefix=prefix):
        shown = "" if each.default is None or each.secret else f" ({each.default or 'empty'})"
        lines.append(f"  {each.name:<{_COLUMN}} {each.meaning}{shown}")
    return "\n".join(lines)


class _Bad(Exception):
    """A value is wrong, and it was told."""


class _Reader:
    def __init__(self, environ: Mapping[str, str], hide: Callable[[str], object]) -> None:
        self._environ = environ
        self._hide = hide
        self.problems: list[str] = []

    def made(self, form: type, prefix: str) -> Any:
        """The dataclass with what was read; None where there are problems."""
        before = len(self.problems)
        values: dict[str, object] = {}
        for field, declared in fields(form):
            if isinstance(declared, Part):
                values[field.name] = self.made(declared.form, name(prefix, declared.prefix))
                continue
            variable = name(prefix, field.name)
            try:
                values[field.name] = self._value(variable, declared)
            except _Bad as bad:
                self.problems.append(str(bad))
        if len(self.problems) > before:
            return None
        try:
            return form(**values)
        except ValueError as error:
            self.problems += str(error).splitlines()
            return None

    def _value(self, variable: str, declared: Declared) -> object:
        text = self._text(variable)
        if text is None and declared.default is REQUIRED:
            raise _Bad(f"{variable}: must be set: {declared.meaning}")
        if text is None:
            return declared.default
        text = text.strip()
        if declared.secret and text:
            self._hide(text)
        try:
            text.encode()
        except UnicodeEncodeError:
            raise _Bad(f"{variable}: is no text in UTF-8") from None
        try:
            return declared.parse(text)
        except ValueError as error:
            told = str(error)
            if declared.secret and _shows(told, text):
                told = f"is not what it must be: {declared.meaning}"
            raise _Bad(f"{variable}: {told}") from None

    def _text(self, variable: str) -> str | None:
        given, file = self._environ.get(variable), self._environ.get(f"{variable}_FILE")
        if given is not None and file is not None:
            raise _Bad(f"{variable}: give either {variable} or {variable}_FILE")
        return given if file is None else self._content(f"{variable}_FILE", file)

    def _content(self, variable: str, file: str) -> str:
        try:
            with open(file, "rb") as opened:
                content = opened.read(_MOST_BYTES + 1)
            text = content.decode()
        except OSError as error:
            raise _Bad(f"{variable}: {file}: {error.strerror}") from None
        except ValueError:  # also of a path that has a zero byte
            raise _Bad(f"{variable}: {file}: is no text in UTF-8") from None
        if len(content) > _MOST_BYTES:
            raise _Bad(f"{variable}: {file}: is longer than {_MOST_BYTES} bytes")
        return text


def _shows(told: str, secret: str) -> bool:
    """Whether a message shows something of a secret."""
    length = min(_TELLING, len(secret))
    return bool(secret) and any(
        told[at : at + length] in secret for at in range(len(told) - length + 1)
    )


def _one_line(problem: str) -> str:
    return "".join(char if char.isprintable() else repr(char)[1:-1] for char in problem)
