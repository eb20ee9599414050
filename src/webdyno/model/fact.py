"""What is said of results before it is a sentence: a key and its figures."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pydantic import Field, model_validator

from .base import Figure


class Fact(Figure):
    """Something to be told: a sentence of the catalogue (`webdyno.texts`), and what it is about.

    Attributes:
        key: stable identifier of the sentence, such as `generator-limited.pause`.
        figures: what stands in it, by name; times carry their unit in the name (`_s`, `_ms`), shares are 0-1. A list is
            told item by item; a fact within a fact is told as part of the sentence.
        template: the sentence itself, where another package brings the fact; empty where the catalogue has it.
    """

    key: str
    figures: dict[str, int | float | str | Fact | tuple[Fact | str, ...]] = Field(default_factory=dict)
    template: str = ""

    def rewritten(self, write: Callable[[str], str]) -> Fact:
        """The same with other texts in it."""

        def one(figure: int | float | str | Fact) -> int | float | str | Fact:
            if isinstance(figure, Fact):
                return figure.rewritten(write)
            return write(figure) if isinstance(figure, str) else figure

        figures = {
            name: tuple(map(one, figure)) if isinstance(figure, tuple) else one(figure)
            for name, figure in self.figures.items()
        }
        return Fact.model_validate({"key": self.key, "figures": figures, "template": self.template})


class InWords(Figure):
    """A value that is written with its words beside its facts; the words are made anew when it is read."""

    @model_validator(mode="before")
    @classmethod
    def _without_words(cls, given: Any) -> Any:
        return {key: value for key, value in given.items() if key not in cls.model_computed_fields}


def fact(key: str, **figures: int | float | str | Fact | tuple[Fact | str, ...]) -> Fact:
    """A fact of the catalogue with these figures."""
    return Fact(key=key, figures=figures)
