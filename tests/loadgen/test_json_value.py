import json
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webdyno.loadgen.engine.json_value import JsonPath, Unfit, parse_body, same, show, takeable
from webdyno.loadgen.request_template import TAKEN_BYTES
from webdyno.model.workload import JsonScalar

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner, max_size=4),
    max_leaves=12,
)


@given(VALUES)
def test_what_json_writes_is_read(value: object) -> None:
    assert parse_body(json.dumps(value).encode()) == value


@given(st.binary(max_size=60) | st.text(alphabet='{}[]",:01e-. \\ud8null', max_size=40).map(str.encode))
def test_bytes_of_any_kind_are_json_or_say_why(data: bytes) -> None:
    try:
        show(parse_body(data))
    except Unfit as error:
        assert str(error)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "Expecting value"),
        (b"<html>", "Expecting value"),
        (b'{"a": 1} x', "Extra data"),
        (b'{"a": NaN}', "NaN is no JSON number"),
        (b"[-Infinity]", "-Infinity is no JSON number"),
        (b'{"a": {"b\\u001b": 1, "b\\u001b": 1}}', r"the key 'b\\x1b' more than once"),
        (b"[" * 100_000 + b"]" * 100_000, "nested too deeply"),
        (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "nested too deeply"),
        (b'"\xff"', "not in UTF-8"),
        (b'"\xed\xa0\x80"', "not in UTF-8"),
        ('"å"'.encode("utf-16"), "not in UTF-8"),
        (b"[" + b"1" * 10_000 + b"]", "too many digits"),
    ],
    ids=range(12),
)
def test_hostile_json_says_why(data: bytes, why: str) -> None:
    with pytest.raises(Unfit, match=why):
        parse_body(data)


DOCUMENT = {"user": {"roles": ["admin", {"id": 7}], "": 0, "a.b": {"c": 1}, "0": "zero"}, "none": None}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("", DOCUMENT),
        ("user.roles.0", "admin"),
        ("user.roles.1.id", 7),
        ("user.", 0),
        (r"user.a\.b.c", 1),
        ("user.0", "zero"),
        ("none", None),
    ],
)
def test_a_path_leads_to_its_value(path: str, value: object) -> None:
    assert JsonPath(path).find(DOCUMENT) == value


@pytest.mark.parametrize("path", ["user.roles.2", "user.roles.-1", "user.roles.²", "user.roles.x", "x", "none.x", "."])
def test_a_path_may_lead_nowhere(path: str) -> None:
    with pytest.raises(LookupError):
        JsonPath(path).find(DOCUMENT)


@pytest.mark.parametrize("path", ["user.roles." + "9" * 10_000, "user.roles.0.0", "user.roles.1.id.real"])
def test_a_path_does_not_leave_the_document(path: str) -> None:
    with pytest.raises(LookupError):
        JsonPath(path).find(DOCUMENT)


def test_values_are_the_same_where_json_says_so() -> None:
    values: list[JsonScalar] = [0, 1, 1.5, "", "1", True, False, None]
    assert [(a, b) for a in values for b in values if same(a, b)] == [(value, value) for value in values]
    assert same(1, 1.0)
    assert same(1.0, 1)
    assert not same([], None)
    assert not same({}, False)


@pytest.mark.parametrize("value", ["", "token é", True, False, 0, -(2**200), 1.5, "x" * TAKEN_BYTES])
def test_scalars_are_taken_as_they_are(value: str | float) -> None:
    taken = takeable(value)
    assert taken is value


@pytest.mark.parametrize(
    "value",
    [
        None,
        [],
        {"a": 1},
        float("inf"),
        float("nan"),
        2**300,
        -(10**10_000),
        "a\r\nX: y",
        "\x00",
        "\x7f",
        "\ud800",
        "x" * (TAKEN_BYTES + 1),
        "é" * (TAKEN_BYTES // 2 + 1),
    ],
    ids=range(13),
)
def test_what_could_break_a_request_is_not_taken(value: object) -> None:
    with pytest.raises(Unfit, match=r"^is "):
        takeable(value)


@given(st.text(max_size=300) | VALUES | st.just(10 ** (sys.get_int_max_str_digits() + 1)))
def test_a_value_is_shown_in_one_short_line_without_control_characters(value: object) -> None:
    text = show(value)
    assert text.isprintable()
    assert len(text) < 1000
