"""The texts by key, and a fact told in them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal, NamedTuple

from ..model.fact import Fact
from ..model.note import Note
from .english.blocks import BLOCKS
from .english.charts import CHARTS
from .english.doctor import DOCTOR
from .english.failures import FAILURES
from .english.gate import GATE
from .english.load import LOAD
from .english.loads import LOADS
from .english.measuring import MEASURING
from .english.page import METHOD, PAGE
from .english.parts import PARTS
from .english.progress import PROGRESS
from .english.remedies import REMEDIES
from .english.run import RUN
from .english.stacks import STACKS
from .english.trial import TRIAL
from .english.validity import VALIDITY
from .english.verdicts import VERDICTS
from .sentence_template import Figure, figures_in, filled

Language = Literal["en"]

CATALOGUES: Mapping[Language, Mapping[str, str]] = {
    "en": {
        **PARTS,
        **VALIDITY,
        **LOAD,
        **REMEDIES,
        **VERDICTS,
        **BLOCKS,
        **RUN,
        **STACKS,
        **MEASURING,
        **GATE,
        **DOCTOR,
        **CHARTS,
        **TRIAL,
        **FAILURES,
        **PAGE,
        **LOADS,
        **PROGRESS,
        **METHOD,
    }
}


class Style(NamedTuple):
    """How a format writes a sentence.

    Attributes:
        words: writes what the catalogue says, and numbers.
        name: writes a text that stands in a sentence: a notation, a path, whatever comes from outside.
        language: of the catalogue.
    """

    words: Callable[[str], str] = str
    name: Callable[[str], str] = str
    language: Language = "en"


PLAIN = Style()


def told(fact: Fact | None, style: Style = PLAIN) -> str:
    """The sentence; empty of no fact."""
    return filled(_template(fact, style.language), _written(fact, style), style.words) if fact else ""


def noted(note: Note, style: Style = PLAIN) -> str:
    """A note; as it was told at first, where its fact is not known here or lacks what its sentence takes."""
    what = fact_of(note)
    return told(what, style) if what else style.name(note.text)


def fact_of(note: Note) -> Fact | None:
    """The fact of a note, where it is known here and has what its sentence takes."""
    try:
        _ = told(note.what)
    except (ArithmeticError, LookupError, TypeError, ValueError):
        return None
    return note.what


def in_sentence(note: Note) -> Fact | str:
    """A note as part of a sentence: its fact where that is known here, else its text."""
    return fact_of(note) or note.text


def as_note(what: Fact) -> Note:
    """A fact with its words beside it."""
    return Note(text=told(what), what=what)


def as_shown(fact: Fact) -> object:
    """The same of two facts exactly where their sentences are the same."""
    return without_numbers(fact), numbers_of(fact)


def numbers_of(fact: Fact) -> tuple[str, ...]:
    """The numbers of a sentence as they stand in it, those of its parts last."""
    own = figures_in(_template(fact, PLAIN.language), _written(fact, PLAIN))
    return (*own, *(number for part in _parts(fact) for number in numbers_of(part)))


def without_numbers(fact: Fact) -> object:
    """What two sentences of several subjects have in common where they differ in nothing but their numbers."""
    words = {name: _words(figure) for name, figure in fact.figures.items()}
    return fact.key, fact.template, tuple(sorted(words.items())), tuple(map(without_numbers, _parts(fact)))


def _template(fact: Fact, language: Language) -> str:
    return fact.template or CATALOGUES[language][fact.key]


def _written(fact: Fact, style: Style) -> dict[str, Figure]:
    return {name: _one(figure, style) for name, figure in fact.figures.items()}


def _one(figure: int | float | str | Fact | tuple[Fact | str, ...], style: Style) -> Figure:
    if isinstance(figure, tuple):
        return tuple(_text(part, style) for part in figure)
    return _text(figure, style) if isinstance(figure, Fact | str) else figure


def _text(part: Fact | str, style: Style) -> str:
    return told(part, style) if isinstance(part, Fact) else style.name(part)


def _words(figure: int | float | str | Fact | tuple[Fact | str, ...]) -> tuple[str, ...]:
    return tuple(part for part in (figure if isinstance(figure, tuple) else (figure,)) if isinstance(part, str))


def _parts(fact: Fact) -> list[Fact]:
    found: list[Fact] = []
    for figure in fact.figures.values():
        several = figure if isinstance(figure, tuple) else (figure,)
        found += [part for part in several if isinstance(part, Fact)]
    return found
