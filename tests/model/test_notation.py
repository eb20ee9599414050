"""The stack notation."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webdyno.errors import NotationError
from webdyno.model.notation import parse_notation, parse_stack
from webdyno.model.stack import Stack

names = st.from_regex(r"[a-z][a-z0-9_-]{0,12}", fullmatch=True)
import_strings = st.from_regex(
    r"[a-z_][a-z0-9_]{0,8}(\.[a-z_][a-z0-9_]{0,8}){0,2}:[a-z_][a-z0-9_]{0,8}", fullmatch=True
)
versions = st.none() | st.from_regex(r"[0-9]{1,3}(\.[0-9]{1,3}){0,3}(rc1)?", fullmatch=True)
keys = st.from_regex(r"[a-z][a-z0-9_]{0,10}", fullmatch=True)
values = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)


@st.composite
def stacks(draw: st.DrawFn) -> Stack:
    own = draw(st.booleans())
    server = draw(st.none() | names)
    return Stack(
        app=draw(import_strings if own else names),
        app_version=None if own else draw(versions),
        server=server,
        server_version=draw(versions) if server else None,
        options=tuple(draw(st.dictionaries(keys, values, max_size=4)).items()),
    )


@given(stacks())
def test_what_a_stack_prints_parses_to_the_same_stack(stack: Stack) -> None:
    assert parse_stack(str(stack)) == stack


@given(st.text(max_size=60))
def test_any_text_parses_or_is_refused_with_a_position_inside_it(text: str) -> None:
    try:
        stack = parse_stack(text)
    except NotationError as error:
        assert 0 <= error.position <= len(text)
    else:
        assert parse_stack(str(stack)) == stack


def test_parts_are_read() -> None:
    stack = parse_stack("fastapi==0.110.0@uvicorn==0.30.0?workers=2&python=/opt/py")
    assert stack == Stack(
        app="fastapi",
        app_version="0.110.0",
        server="uvicorn",
        server_version="0.30.0",
        options=(("workers", "2"), ("python", "/opt/py")),
    )
    assert stack.server_options == {"workers": "2"}


@pytest.mark.parametrize(
    ("text", "position", "words"),
    [
        ("", 0, "app is missing"),
        ("@gunicorn", 0, "app is missing"),
        ("flask@", 6, "server is missing"),
        ("flask@gun icorn", 9, "not a valid server name"),
        ("flask==@gunicorn", 7, "version is missing"),
        ("shop:app==1.0@gunicorn", 8, "no version"),
        ("shop:@gunicorn", 0, "not a valid app name"),
        ("flask@gunicorn?", 15, "option is missing"),
        ("flask@gunicorn?workers", 22, "no value"),
        ("flask@gunicorn?workers=", 22, "no value"),
        ("flask@gunicorn?workers=2&workers=3", 25, "twice"),
        ("flask@gunicorn?workers=2&thr-eads=3", 28, "not a valid option name"),
        ("flask@gunicorn==x", 16, "not a version"),
    ],
)
def test_an_error_points_at_the_place(text: str, position: int, words: str) -> None:
    with pytest.raises(NotationError, match=words) as caught:
        parse_stack(text)
    assert caught.value.position == position
    assert caught.value.details == (text, " " * position + "^")


def test_positions_of_the_parts_are_kept() -> None:
    parsed = parse_notation("flask==3.0@gunicorn?workers=2&threads=8")
    assert {part: parsed.text[at:][:3] for part, at in parsed.positions.items()} == {
        "app": "fla",
        "app_version": "3.0",
        "server": "gun",
        "key:workers": "wor",
        "value:workers": "2&t",
        "key:threads": "thr",
        "value:threads": "8",
    }
