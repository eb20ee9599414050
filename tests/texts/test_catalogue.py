"""Every fact that is made anywhere has a text, its figures are given, and only the catalogue knows sentences."""

from __future__ import annotations

import ast
import pkgutil
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

from webdyno.analysis.validity.reason import ValidityReason
from webdyno.model.fact import Fact, fact
from webdyno.model.note import Note
from webdyno.texts import english
from webdyno.texts.catalogue import CATALOGUES, Style, noted, numbers_of, told, without_numbers
from webdyno.texts.sentence_template import FORMS, PLACE

SOURCE = Path(__file__).parents[2] / "src" / "webdyno"
TEXTS = CATALOGUES["en"]
# By their own words, to be made of keys that a table has.
IN_A_TABLE = {"name": ("p50-unanswered", "p99-unanswered"), "done": ("not-measured.pilot", "not-measured.nothing")}


def calls() -> Iterator[tuple[str, ast.Call]]:
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "fact":
                yield str(path.relative_to(SOURCE)), node


def keys_of(key: ast.expr) -> list[str]:
    match key:
        case ast.Constant(str(value)):
            return [value]
        case ast.IfExp():
            return [*keys_of(key.body), *keys_of(key.orelse)]
        case ast.Name():
            return list(IN_A_TABLE[key.id])
        case ast.JoinedStr(values=[ast.Constant(str(start)), *_]):
            return [known for known in TEXTS if known.startswith(start)]
    raise AssertionError(ast.unparse(key))


def keys_of_pages() -> set[str]:
    """Those that a page asks for; a key that is put together stands for all that begin so."""
    asked = [said for path in SOURCE.rglob("*.j2") for said in re.findall(r"\bsay\(([^,)]*)", path.read_text("utf-8"))]
    named = {key for said in asked for key in re.findall(r"""["']([\w.-]+)["']""", said)}
    return {known for key in named for known in TEXTS if known == key or (key[-1] == "." and known.startswith(key))}


def places(key: str) -> set[str]:
    return {place["name"] for place in PLACE.finditer(TEXTS[key])}


def is_told(call: ast.Call) -> bool:
    given, keys = {keyword.arg for keyword in call.keywords}, keys_of(call.args[0])
    # What a table of keys shares is given to all of them.
    shared = isinstance(call.args[0], ast.JoinedStr) and not given
    return bool(keys) and all(key in TEXTS and (shared or places(key) <= given) for key in keys)


def test_every_fact_has_a_text_and_the_figures_that_stand_in_it() -> None:
    assert [f"{path}:{call.lineno}" for path, call in calls() if not is_told(call)] == []


def test_every_text_is_told_by_somebody() -> None:
    assert {key for _, call in calls() for key in keys_of(call.args[0])} | keys_of_pages() == TEXTS.keys()


def test_no_key_stands_for_two_texts() -> None:
    modules = [import_module(f"{english.__name__}.{found.name}") for found in pkgutil.iter_modules(english.__path__)]
    tables = [table for module in modules for name, table in vars(module).items() if name.isupper() and name[0] != "_"]
    assert sorted(key for table in tables for key in table) == sorted(TEXTS)


def is_well_formed(place: re.Match[str]) -> bool:
    return (place["form"] or "text") in FORMS and (place["choice"] or "").count("|") == (place["form"] == "plural")


def test_every_place_of_a_text_is_written_in_a_form_that_there_is() -> None:
    for key, text in TEXTS.items():
        assert text.count("{") == text.count("}") == len(PLACE.findall(text)), key
        assert all(map(is_well_formed, PLACE.finditer(text))), key


@pytest.mark.parametrize(
    ("said", "text"),
    [
        (fact("lag", late_ms=12.34), "the load generator was overloaded: 1 % of sends were late by more than 12.3 ms"),
        (fact("worker-lost", count=1), "a process of the server ended while it was measured"),
        (fact("worker-lost", count=2), "2 processes of the server ended while it was measured"),
        (
            fact("driver-untold", driver="wrk", what=(fact("untold.pauses"), fact("untold.statuses"))),
            "wrk does not report how long it paused and which statuses came: that is not judged",
        ),
        (Fact(key="acme.cold", figures={"misses": 1200}, template="{misses:count} misses"), "1,200 misses"),
        (None, ""),
    ],
)
def test_a_fact_is_told_with_its_figures(said: Fact | None, text: str) -> None:
    assert told(said) == text


def test_sentences_that_differ_in_numbers_alone_have_the_rest_in_common() -> None:
    one, other = (fact("errors", share=share, cause=fact("cause.status-code", status=500)) for share in (0.5, 0.25))
    assert without_numbers(one) == without_numbers(other)
    assert (numbers_of(one), numbers_of(other)) == (("50 %", "500"), ("25 %", "500"))
    assert without_numbers(one) != without_numbers(fact("errors", share=0.5, cause=fact("cause.timeout")))
    assert without_numbers(fact("unequal", note="one")) != without_numbers(fact("unequal", note="two"))


def test_a_style_writes_words_and_names_once_however_deep_they_stand() -> None:
    style = Style(words=lambda text: text.replace(" ", "_"), name=lambda text: f"<{text}>")
    what = fact(
        "throughput.faster",
        more="a b",
        less="c",
        ratio=fact("ratio", value=1200, places=0),
        sure=fact("sure.no-interval", blocks=2),
    )
    assert told(what, style) == "<a b>_is_faster_than_<c>:_1,200x_(2_blocks,_so_no_interval)"
    assert noted(Note(text="a b"), style) == "<a b>"


def test_what_a_text_quotes_in_backticks_has_no_place_inside() -> None:
    for key, text in TEXTS.items():
        assert all(part.count("`") % 2 == 0 for part in PLACE.sub("\n", text).split("\n")), key


def test_a_figure_of_outside_is_no_template() -> None:
    assert told(fact("unequal", note="{share:percent} of {name}")) == "{share:percent} of {name}"


def test_a_reason_reads_back_without_the_words_that_were_written_beside_it() -> None:
    reason = ValidityReason(name="lag", severity="invalid", what=fact("lag", late_ms=2.0), advice=fact("free-core"))
    assert '"sentence":"the load generator was overloaded' in reason.model_dump_json()
    assert ValidityReason.model_validate_json(reason.model_dump_json()) == reason


@pytest.mark.parametrize(
    "what",
    [
        fact("ended-early"),
        fact("ended-early", why="Ctrl-C", trials=("one", "two")),
        fact("nobody-knows-it"),
        fact("ratio", value=1.5, places=10**9),
        fact("ratio", value=1.5, places=-1),
        Fact(key="acme", figures={"x": 10**400}, template="{x:rate}"),
        Fact(key="acme", figures={"x": 1.0}, template="{x:unknown}"),
        Fact(key="acme", figures={"x": 1}, template="{x:plural}"),
    ],
    ids=repr,
)
def test_a_stored_note_whose_fact_cannot_be_told_is_told_as_it_was_at_first(what: Fact) -> None:
    assert noted(Note(text="as it was", what=what)) == "as it was"
