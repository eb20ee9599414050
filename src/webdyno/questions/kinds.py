"""What options take: how a value is checked, and how it is read from a text."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Generic, TypeGuard, TypeVar, cast

from ..errors import UsageError
from ..model.secret_rules import mask_text
from ..units import parse_duration, parse_percent, printable
from .environment import Filler

T = TypeVar("T")
Scalar = str | int | float | bool | None
_LONGEST_SHOWN = 60
# What is nearer to zero is meant by nobody, and overflows where something is divided by it.
SMALLEST = 1e-9


class OptionKind(Generic[T]):
    """One kind of value.

    Attributes:
        metavar: what stands for it in the help.
        repeated: given as often as one likes.
        takes_none: None is a value of it, and not the default.
        takes_files: a text may name a file that holds it, as `@FILE`.
        in_toml: what to give in an experiment file.
    """

    repeated = False
    takes_none = False
    takes_files = False
    in_toml = "give a text"

    def __init__(self, metavar: str) -> None:
        self.metavar = metavar

    def check(self, value: object, name: str) -> object:
        """A value of Python's as it is used.

        Args:
            value: never None.
            name: how an error calls the option.

        Raises:
            UsageError: it is of another type, or out of range.
        """
        return value

    def read(self, texts: Sequence[str], name: str, filler: Filler) -> object:
        """The value that a text stands for, or several of them where it is repeated; still to be checked.

        Raises:
            UsageError: it stands for none.
        """
        return texts[-1]

    def takes_toml(self, value: object) -> bool:
        """Whether a value of TOML that is no text can be one, in or out of range."""
        return False

    def shown(self, value: object) -> str:
        """A default as the help tells it."""
        return str(value)


def refused(name: str, value: object, remedy: str) -> UsageError:
    """What says that a value cannot be used."""
    return UsageError(f"{name} {in_short(value)} cannot be used", remedy)


def in_short(value: object) -> str:
    """A value as an error shows it."""
    try:
        shown = f"{value:g}" if isinstance(value, float) else str(value)
    except ValueError:
        # Python writes no whole number of more than 4,300 digits.
        return "of so many digits"
    return printable(mask_text(shown))[:_LONGEST_SHOWN]


class Number(OptionKind[float]):
    """A number within a range; `least` may be out of it."""

    def __init__(
        self, metavar: str, remedy: str, least: float, most: float, *, above: bool = False, whole: bool = False
    ) -> None:
        super().__init__(metavar)
        self._remedy, self._least, self._most, self._above, self._whole = remedy, least, most, above, whole
        self.in_toml = remedy

    def takes_toml(self, value: object) -> bool:
        """A number."""
        return _is_number(value)

    def check(self, value: object, name: str) -> float:
        """The same."""
        if not _is_number(value) or (self._whole and not isinstance(value, int)):
            raise refused(name, repr(value), self._remedy)
        tiny = 0 < abs(value) < SMALLEST
        if tiny or not self._least <= value <= self._most or (self._above and value == self._least):
            raise refused(name, value, self._remedy)
        return value

    def read(self, texts: Sequence[str], name: str, filler: Filler) -> float:
        """Read `32` or `2.5`."""
        try:
            # No number that is used has more digits, and reading very many takes long.
            return (int if self._whole else float)(texts[-1][:400])
        except ValueError:
            raise refused(name, repr(texts[-1]), self._remedy) from None


class Seconds(Number):
    """A time: seconds in Python, `1.5s`, `200ms` or `2m` as a text."""

    def __init__(self, remedy: str, least: float, most: float, *, above: bool = False) -> None:
        super().__init__("TIME", remedy, least, most, above=above)

    def check(self, value: object, name: str) -> float:
        """The same; an error shows seconds."""
        try:
            return super().check(value, name)
        except UsageError as error:
            if not _is_number(value):
                raise refused(name, repr(value), "give seconds as a number") from None
            raise refused(name, f"{in_short(value)}s", error.remedy) from None

    def read(self, texts: Sequence[str], name: str, filler: Filler) -> float:
        """Read a duration."""
        return parse_duration(texts[-1], name)

    def shown(self, value: object) -> str:
        """Seconds."""
        return f"{value:g}s"


class Share(Number):
    """A share: 0.03 in Python, `3%` as a text."""

    def check(self, value: object, name: str) -> float:
        """The same; an error shows percent."""
        try:
            return super().check(value, name)
        except UsageError as error:
            if not _is_number(value):
                raise refused(name, repr(value), "give a share as a number, 0.03 for 3%") from None
            raise refused(name, f"{in_short(value * 100)}%", error.remedy) from None

    def read(self, texts: Sequence[str], name: str, filler: Filler) -> float:
        """Read a percentage."""
        return parse_percent(texts[-1], name)


class Choice(OptionKind[str]):
    """One of some words, or several where it is repeated."""

    def __init__(self, *words: str, metavar: str = "NAME", repeated: bool = False) -> None:
        super().__init__(metavar)
        self._words, self.repeated = words, repeated
        self._remedy = self.in_toml = f"give {', '.join(words[:-1])} or {words[-1]}"

    def check(self, value: object, name: str) -> object:
        """The same."""
        alone = not self.repeated or isinstance(value, str) or not isinstance(value, Sequence)
        words = (value,) if alone else tuple(cast("Sequence[object]", value))
        for word in words:
            if word not in self._words:
                raise UsageError(f"{name} {printable(repr(word))[:_LONGEST_SHOWN]} is unknown", self._remedy)
        return words if self.repeated else value

    def read(self, texts: Sequence[str], name: str, filler: Filler) -> object:
        """The words."""
        return tuple(texts) if self.repeated else texts[-1]


class Text(OptionKind[str]):
    """A text; `fills` where variables of the environment may be written in it."""

    def __init__(self, metavar: str, *, fills: bool = False) -> None:
        super().__init__(metavar)
        self._fills = fills

    def check(self, value: object, name: str) -> object:
        """The text."""
        if not isinstance(value, str):
            raise refused(name, value, "give a text")
        return value

    def read(self, texts: Sequence[str], name: str, filler: Filler) -> str:
        """As it is written, or filled."""
        return filler.fill(texts[-1], name) if self._fills else texts[-1]


class Texts(OptionKind[Sequence[str]]):
    """Texts that stand for themselves."""

    repeated = True

    def check(self, value: object, name: str) -> tuple[str, ...]:
        """Several, or a single one."""
        texts = [value] if isinstance(value, str) else _sequence(value, name, "give texts")
        if not all(isinstance(text, str) for text in texts):
            raise refused(name, value, "give texts")
        return tuple(texts)

    def read(self, texts: Sequence[str], name: str, filler: Filler) -> tuple[str, ...]:
        """All of them."""
        return tuple(texts)


class SecretText(Text):
    """A text that is a secret, or `@FILE`."""

    takes_files = True

    def read(self, texts: Sequence[str], name: str, filler: Filler) -> str:
        """The text, or what the file holds."""
        from .secret_files import read_secret

        text = texts[-1]
        return read_secret(Path(text[1:]), name) if text.startswith("@") else filler.fill(text, name)


class Flag(OptionKind[bool]):
    """Yes or no."""

    in_toml = "write true or false, without quotes"

    def takes_toml(self, value: object) -> bool:
        """A truth value."""
        return isinstance(value, bool)

    def __init__(self) -> None:
        super().__init__("")

    def check(self, value: object, name: str) -> bool:
        """The same."""
        if not isinstance(value, bool):
            raise refused(name, value, "give True or False")
        return value


class StorePlace(Text):
    """A file, the URL of a database, or None."""

    takes_none = True

    def check(self, value: object, name: str) -> str | Path:
        """The same."""
        if not isinstance(value, (str, Path)):
            raise refused(name, value, "give a path or the URL of a database")
        return value


class File(OptionKind[Path]):
    """The path of a file or folder."""

    def check(self, value: object, name: str) -> Path:
        """As a path."""
        if not isinstance(value, (str, os.PathLike)):
            raise refused(name, value, "give a path")
        return Path(value)


class Folders(OptionKind[Sequence[Path]]):
    """One or several folders."""

    repeated = True

    def check(self, value: object, name: str) -> tuple[Path, ...]:
        """As paths."""
        if isinstance(value, (str, os.PathLike)):
            return (Path(value),)
        folders = _sequence(value, name, "give folders")
        if not all(isinstance(folder, (str, os.PathLike)) for folder in folders):
            raise refused(name, value, "give folders")
        return tuple(map(Path, folders))

    def read(self, texts: Sequence[str], name: str, filler: Filler) -> tuple[str, ...]:
        """All of them."""
        return tuple(texts)


class Variables(OptionKind[Mapping[str, str]]):
    """Environment variables, as a mapping in Python."""

    repeated = True
    takes_files = True
    in_toml = 'give names and texts, as { MODE = "bench" }'

    def takes_toml(self, value: object) -> bool:
        """A table."""
        return isinstance(value, Mapping)

    def check(self, value: object, name: str) -> Mapping[str, str]:
        """The same."""
        if not isinstance(value, Mapping):
            raise UsageError(f"{name} is no mapping", "give names and values")
        for variable, text in value.items():
            if not isinstance(variable, str) or not isinstance(text, str):
                # Not shown: it may be a secret.
                raise UsageError(f"{in_short(variable)} of {name} is no text", "write it in quotes")
        return dict(value)

    def read(self, texts: Sequence[str], name: str, filler: Filler) -> Mapping[str, str]:
        """Read `NAME=VALUE`, `NAME` or `@FILE`."""
        from .values import variables

        return variables(texts, filler)


class Headers(OptionKind[Sequence[tuple[str, str]]]):
    """Request headers: a mapping or pairs in Python."""

    repeated = True
    takes_files = True
    in_toml = 'give names and texts, as { Accept = "text/html" }'

    def takes_toml(self, value: object) -> bool:
        """A table."""
        return isinstance(value, Mapping) and all(isinstance(text, str) for text in value.values())

    def check(self, value: object, name: str) -> tuple[tuple[str, str], ...]:
        """As pairs."""
        pairs = list(value.items()) if isinstance(value, Mapping) else value
        remedy = "give names and values, as {'Accept': 'text/html'}"
        if not isinstance(pairs, Sequence) or not all(map(_is_pair, pairs)):
            # Not shown: a value may be a secret.
            raise UsageError(f"{name} is neither a mapping of texts nor pairs of them", remedy)
        return tuple(map(tuple, pairs))

    def read(self, texts: Sequence[str], name: str, filler: Filler) -> Sequence[tuple[str, str]]:
        """Read `NAME: VALUE` or `@FILE`."""
        from .values import header_pairs

        return header_pairs(texts, filler)


class Body(OptionKind[bytes]):
    """The bytes of a body."""

    takes_files = True

    def check(self, value: object, name: str) -> bytes:
        """The same."""
        if not isinstance(value, bytes):
            raise UsageError(f"{name} is not bytes", "give bytes, as b'...'")
        return value

    def read(self, texts: Sequence[str], name: str, filler: Filler) -> bytes | None:
        """A text's bytes, or those of `@FILE`."""
        from .values import body_bytes

        return body_bytes(texts[-1], filler, name)


class JsonValues(OptionKind[Mapping[str, Scalar]]):
    """Values by their path in a JSON document."""

    repeated = True
    in_toml = 'give paths and values, as { "user.id" = 7 }'

    def takes_toml(self, value: object) -> bool:
        """A table."""
        return isinstance(value, Mapping)

    def check(self, value: object, name: str) -> Mapping[str, Scalar]:
        """The same."""
        if not isinstance(value, Mapping):
            raise UsageError(f"{name} is no mapping", "give paths and values, as {'user.id': 7}")
        return dict(value)

    def read(self, texts: Sequence[str], name: str, filler: Filler) -> Mapping[str, Scalar]:
        """Read `PATH=VALUE`."""
        from .values import json_values

        return json_values(list(texts), filler)


def _is_pair(value: object) -> bool:
    return isinstance(value, (tuple, list)) and len(value) == 2 and all(isinstance(text, str) for text in value)


def _is_number(value: object) -> TypeGuard[int | float]:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _sequence(value: object, name: str, remedy: str) -> Sequence[Any]:
    if not isinstance(value, Sequence) or isinstance(value, (str, bytes)):
        raise refused(name, value, remedy)
    return value
