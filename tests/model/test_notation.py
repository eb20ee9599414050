"""The stack notation."""

from __future__ import annotations

import ast

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from webdyno.errors import NotationError
from webdyno.model.notation import parse_notation, parse_stack
from webdyno.model.secret_rules import mask_text
from webdyno.model.stack import Stack

names = st.from_regex(r"[a-z][a-z0-9_-]{0,12}", fullmatch=True)
import_strings = st.from_regex(
    r"[a-z_][a-z0-9_]{0,8}(\.[a-z_][a-z0-9_]{0,8}){0,2}:[a-z_][a-z0-9_]{0,8}", fullmatch=True
)
versions = st.none() | st.from_regex(r"[0-9]{1,3}(\.[0-9]{1,3}){0,3}(rc1)?", fullmatch=True)
keys = st.from_regex(r"[a-z][a-z0-9_]{0,10}", fullmatch=True)
values = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)


numbers = st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
literals: st.SearchStrategy[object] = st.recursive(
    st.none() | numbers | st.text() | st.binary(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(st.text(max_size=5), inner, max_size=3)
        | st.sets(st.integers(), min_size=1, max_size=3)
    ),
    max_leaves=6,
)
Arguments = tuple[list[object], dict[str, object]]


@st.composite
def calls(draw: st.DrawFn) -> tuple[str, Arguments]:
    """Arguments as Python writes them, and what they are."""
    positional = draw(st.lists(literals, max_size=3))
    named = draw(st.dictionaries(st.from_regex(r"[a-z]{1,6}_", fullmatch=True), literals, max_size=3))
    written = [repr(value) for value in positional] + [f"{name}={value!r}" for name, value in named.items()]
    return f"({draw(st.sampled_from([', ', ',', ' , ']).map(lambda comma: comma.join(written)))})", (positional, named)


def arguments_of(stack: Stack) -> Arguments:
    # A path may be one of Python's keywords.
    call = ast.parse("f(" + stack.app.partition("(")[2], mode="eval").body
    assert isinstance(call, ast.Call)
    named = {str(one.arg): ast.literal_eval(one.value) for one in call.keywords}
    return [ast.literal_eval(one) for one in call.args], named


@st.composite
def stacks(draw: st.DrawFn) -> Stack:
    own = draw(st.booleans())
    server = draw(st.none() | names)
    app = draw(import_strings if own else names)
    if own and draw(st.booleans()):
        called = app + draw(calls())[0]
        assume(mask_text(called) == called)
        app = parse_stack(called).app
    return Stack(
        app=app,
        app_version=None if own else draw(versions),
        server=server,
        server_version=draw(versions) if server else None,
        options=tuple(draw(st.dictionaries(keys, values, max_size=4)).items()),
    )


@given(stacks())
def test_what_a_stack_prints_parses_to_the_same_stack(stack: Stack) -> None:
    # A secret is refused.
    assume(mask_text(str(stack)) == str(stack))
    assert parse_stack(str(stack)) == stack


@given(import_strings, calls(), st.none() | names, st.dictionaries(keys, values, max_size=2))
def test_a_call_is_read_whatever_its_quotes_hold_and_written_in_one_way(
    path: str, call: tuple[str, Arguments], server: str | None, options: dict[str, str]
) -> None:
    written, arguments = call
    rest = str(Stack(app="x", server=server, options=tuple(options.items())))[1:]
    assume(mask_text(path + written + rest) == path + written + rest)
    stack = parse_stack(path + written + rest)
    assert (stack.server, dict(stack.options), stack.is_import_string) == (server, options, True)
    assert arguments_of(stack) == arguments
    assert parse_stack(str(stack)) == stack


@given(st.builds("shop:create_app({}".format, st.text("()[]{}'\"\\,=@?&#*fa1 ", max_size=20)))
def test_any_call_is_read_or_refused_with_a_position_inside_it(text: str) -> None:
    try:
        stack = parse_stack(text)
    except NotationError as error:
        assert 0 <= error.position <= len(text)
        assert error.remedy
    else:
        assert parse_stack(str(stack)) == stack


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("shop:create_app()", "shop:create_app()"),
        ("shop:create_app( 'prod' )", 'shop:create_app("prod")'),
        ('shop:make.app("a", debug = True,)', 'shop:make.app("a", debug=True)'),
        ("shop:f('it\\'s')@gunicorn", 'shop:f("it\'s")@gunicorn'),
        ("shop:f('@?&=)')@uvicorn?workers=2", 'shop:f("@?&=)")@uvicorn?workers=2'),
        ("shop:f({'a': [1, (2,)]}, b'x')", 'shop:f({"a": [1, (2,)]}, b"x")'),
    ],
)
def test_a_call_is_shown_canonically(written: str, shown: str) -> None:
    assert str(parse_stack(written)) == shown


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
        ("shop:create_app(@gunicorn", 25, "parenthesis of the call is not closed"),
        ("shop:create_app('a)@gunicorn", 28, "quote ' of the call is not closed"),
        ("shop:create_app(prod)@gunicorn", 15, "must be literals"),
        ("shop:create_app(*['a'])", 15, "must be literals"),
        ("shop:create_app(**{'a': 1})", 15, "must be literals"),
        ("shop:create_app(__import__('os'))", 15, "must be literals"),
        ("shop:create_app(1 2)", 16, "not written in Python"),
        ("shop:create_app()()", 17, "can follow a call"),
        ("shop:create_app()==1.0", 17, "can follow a call"),
        ("shop:create_app().app", 17, "can follow a call"),
        ("shop:create_app()@", 18, "server is missing"),
        ("shop:create_app('?')@gunicorn?workers", 37, "no value"),
    ],
)
def test_an_error_points_at_the_place(text: str, position: int, words: str) -> None:
    with pytest.raises(NotationError, match=words) as caught:
        parse_stack(text)
    assert caught.value.position == position
    assert caught.value.details == (text, " " * position + "^")


def test_positions_behind_a_call_are_those_of_the_text() -> None:
    parsed = parse_notation("shop:create_app('@')@gunicorn==23.0?workers=2")
    assert {part: parsed.text[at:][:3] for part, at in parsed.positions.items()} == {
        "app": "sho",
        "server": "gun",
        "server_version": "23.",
        "key:workers": "wor",
        "value:workers": "2",
    }


@pytest.mark.parametrize(
    "app", ["myAuth:app", "shop.Auth:application_1", "Key:app", "Token:app123", 'SessionApp:create_app("prod1234")']
)
def test_an_app_may_be_called_as_secrets_are(app: str) -> None:
    assert parse_stack(f"{app}@gunicorn").app == parse_stack(app).app == app


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
