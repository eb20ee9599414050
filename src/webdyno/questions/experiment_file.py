"""The experiment file, `webdyno.toml` or `[tool.webdyno]` in `pyproject.toml`: what a team asks, kept with its app.

Its keys are the options as the command line names them, without dashes in front: those of all questions at the top,
those of one question in a table of its name.
"""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from ..bounded_file import read_bounded
from ..errors import UsageError
from ..units import printable
from .environment import Filler
from .kinds import File, Flag, Folders, in_short
from .naming import told_as
from .option import Option, flag, options_of
from .options import CompareOptions, DoctorOptions, ExplainOptions, GateOptions, LoadOptions

NAME = "webdyno.toml"
LARGEST = 1024 * 1024
QUESTIONS: Mapping[str, type] = {
    "compare": CompareOptions,
    "explain": ExplainOptions,
    "gate": GateOptions,
    "load": LoadOptions,
    "doctor": DoctorOptions,
}
_SOME_STACKS = 'stacks = ["flask@gunicorn", "fastapi@granian"]'
# What is no option, but named by itself on the command line.
ARGUMENTS = {"compare": ("stacks",), "gate": ("app", "base", "head"), "load": ("url",)}


@dataclass(frozen=True)
class ExperimentFile:
    """What stands in a file, its keys checked.

    Attributes:
        path: of the file.
        table: its content.
    """

    path: Path
    table: Mapping[str, Any]

    def texts(self, question: str, argument: str, filler: Filler) -> tuple[str, ...]:
        """What is named by itself: the `stacks` of a comparison, the `app` of a gate; empty where it is not there.

        Raises:
            UsageError: it is no text, or names a variable that is not set or is a secret.
        """
        table, name = self._of(question), f"{argument} in {self._name}"
        if argument not in table:
            return ()
        value, takes_several = table[argument], argument == "stacks"
        texts = value if takes_several and isinstance(value, list) else [value]
        if not _all_texts(texts):
            raise UsageError(f"{name} {_shown(value)}cannot be used", f"give {'texts' if takes_several else 'a text'}")
        if not texts:
            raise UsageError(f"{name} names none", f"write {_SOME_STACKS}, or leave the line out for the default ones")
        # The address of a load is filled where it is taken apart: a secret in it stays out of the results.
        return tuple(text if argument == "url" else filler.fill_openly(text, name) for text in texts)

    def options(self, question: str, filler: Filler, besides: Collection[str] = ()) -> dict[str, object]:
        """The options of a question, by their names in Python, but for those of some names.

        Raises:
            UsageError: a value cannot be used.
        """
        table, read = self._of(question), dict[str, object]()
        for name, option in options_of(QUESTIONS[question]).items():
            if (key := key_of(name, option)) in table and name not in besides:
                with self.naming(question, [name]):
                    read[name] = self._read(option, flag(name, option), table[key], filler)
        return read

    def naming(self, question: str, taken: Collection[str]) -> AbstractContextManager[None]:
        """Tell errors of what was taken from this file, options and arguments, with its keys and its name."""
        options = options_of(QUESTIONS[question])
        flags = [flag(name, options[name]) if name in options else f"--{name}" for name in taken]
        return told_as({each: each.removeprefix("--") for each in flags}, f" in {self._name}")

    def _of(self, question: str) -> Mapping[str, Any]:
        return {**self.table, **self.table.get(question, {})}

    @property
    def _name(self) -> str:
        return printable(self.path.name)

    def _read(self, option: Option, name: str, value: Any, filler: Filler) -> object:
        kind = option.kind
        texts = [value] if isinstance(value, str) and not isinstance(kind, Flag) else value
        if isinstance(texts, list) and (kind.repeated or texts is not value) and _all_texts(texts):
            value = kind.read([self._placed(option, text) for text in texts], name, filler)
        elif not kind.takes_toml(value):
            # It may be a secret.
            raise UsageError(f"{name} {'' if kind.takes_files else _shown(value)}cannot be used", kind.in_toml)
        elif isinstance(value, Mapping):
            value = {each: filler.fill(text, name) if isinstance(text, str) else text for each, text in value.items()}
        return kind.check(value, name)

    def _placed(self, option: Option, text: str) -> str:
        """A path, or `@FILE`, from the folder of this file on."""
        if isinstance(option.kind, (File, Folders)):
            return str(self.path.parent / Path(text).expanduser())
        if text.startswith("@") and option.kind.takes_files:
            return f"@{self.path.parent / Path(text[1:]).expanduser()}"
        return text


def _all_texts(values: Iterable[object]) -> bool:
    return all(isinstance(value, str) for value in values)


def _shown(value: object) -> str:
    """A value about as TOML writes it, and a space."""
    try:
        as_in_json = isinstance(value, (bool, str, list, dict))
        return f"{in_short(json.dumps(value, default=str, ensure_ascii=False) if as_in_json else value)} "
    except ValueError:
        # Python writes no whole number of more than 4,300 digits.
        return ""


def key_of(name: str, option: Option) -> str:
    """What an option is called in the file: `max-time`, `header`."""
    return flag(name, option).removeprefix("--")


def find_experiment(folder: Path) -> ExperimentFile | None:
    """The file of a folder or of the nearest one above it that has one; None where there is none.

    Raises:
        UsageError: it cannot be read, has a key that means nothing, or belongs to another user.
    """
    for place in (folder, *folder.parents):
        for path in (place / NAME, place / "pyproject.toml"):
            owner = _owner(path)
            if owner is None or (path.name != NAME and not is_ours(path)):
                continue
            if owner not in (os.geteuid(), 0):
                raise UsageError(
                    f"{printable(str(path))} belongs to another user",
                    "take it with --config FILE, or leave it: --no-config",
                )
            return read_experiment(path)
    return None


def _owner(path: Path) -> int | None:
    """Whose it is; None where there is no such file."""
    try:
        return path.stat().st_uid
    except OSError:
        return None


def is_ours(pyproject: Path) -> bool:
    """Whether a `pyproject.toml` has a table of webdyno."""
    try:
        tools = _toml(pyproject).get("tool")
    except UsageError:
        # Whoever needs it says what is wrong with it.
        return False
    return isinstance(tools, dict) and "webdyno" in tools


def read_experiment(path: Path) -> ExperimentFile:
    """Read a file.

    Raises:
        UsageError: it cannot be read, or has a key that means nothing.
    """
    table = _toml(path)
    if path.name == "pyproject.toml":
        table = table.get("tool", {}).get("webdyno", {})
    if not isinstance(table, Mapping):
        raise UsageError(f"[tool.webdyno] in {printable(str(path))} is no table", "see docs/experiment-file.md")
    _check(table, set(QUESTIONS).union(*(_keys(question) for question in QUESTIONS)), printable(path.name))
    for question in QUESTIONS.keys() & table.keys():
        if not isinstance(table[question], Mapping):
            raise UsageError(
                f"{question} in {printable(path.name)} is no table", f"write [{question}] above its options"
            )
        _check(table[question], set(_keys(question)), f"[{question}] of {printable(path.name)}")
    return ExperimentFile(path, table)


def _keys(question: str) -> Iterator[str]:
    yield from ARGUMENTS.get(question, ())
    yield from (key_of(*each) for each in options_of(QUESTIONS[question]).items())


def _check(table: Mapping[str, Any], known: set[str], where: str) -> None:
    for key in table.keys() - known:
        near = get_close_matches(key, known, 1, cutoff=0.75)
        remedy = f"did you mean {near[0]}?" if near else f"one of: {', '.join(sorted(known))}"
        raise UsageError(f"there is no key {printable(key)[:60]!r} in {where}", remedy)


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(read_bounded(path, LARGEST, f"the file {printable(str(path))}").decode())
    except (ValueError, RecursionError) as error:
        raise UsageError(
            f"{printable(str(path))} is not TOML: {printable(str(error))[:200]}", "mend it there, or leave it out"
        ) from error
