"""What a Set-Cookie header says, and which ones are ignored."""

from datetime import UTC, datetime
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webdyno.loadgen.engine.set_cookie import LONGEST_AGE_S, MOST_BYTES, Attributes, read_date, read_set_cookie


def attributes(text: str) -> Attributes:
    cookie = read_set_cookie(f"a=1{text}".encode())
    assert cookie
    assert (cookie.name, cookie.value) == (b"a", b"1")
    return cookie.attributes


@pytest.mark.parametrize(
    ("header", "name", "value"),
    [
        (b"a=1", b"a", b"1"),
        (b" a \t=\t 1 ; Path=/", b"a", b"1"),
        (b'a="quoted, with; no mercy"', b"a", b'"quoted, with'),
        (b'a="q"; HttpOnly', b"a", b'"q"'),
        (b"a=b=c==", b"a", b"b=c=="),
        (b"a=", b"a", b""),
        (b"a=;", b"a", b""),
        (b"n=Ana\xefs \xe2\x82\xac", b"n", b"Ana\xefs \xe2\x82\xac"),
        (b"a=1, b=2", b"a", b"1, b=2"),
    ],
)
def test_name_and_value_are_taken_as_they_are(header: bytes, name: bytes, value: bytes) -> None:
    cookie = read_set_cookie(header)
    assert cookie
    assert (cookie.name, cookie.value) == (name, value)


@pytest.mark.parametrize(
    "header",
    [
        b"",
        b";",
        b"=1",
        b" = 1; Path=/",
        b"alone",
        b"alone; a=1",
        b"; a=1",
        b"a=1\r\nX-Evil: 1",
        b"a=\x00",
        b"a\x7f=1",
        b"a=1; Path=/\x01",
        b"a=" + b"v" * MOST_BYTES,
        b"n" * MOST_BYTES + b"=1",
    ],
)
def test_what_is_no_cookie_or_too_long_or_holds_control_characters_is_ignored(header: bytes) -> None:
    assert read_set_cookie(header) is None


def test_a_cookie_of_the_greatest_length_is_read() -> None:
    cookie = read_set_cookie(b"a=" + b"v" * (MOST_BYTES - 1) + b"; Path=/")
    assert cookie
    assert len(cookie.value) == MOST_BYTES - 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("; Path=/shop", Attributes(path=b"/shop")),
        ("; path = /shop ; HttpOnly; SameSite=Strict; Whatever", Attributes(path=b"/shop")),
        ("; Path=shop", Attributes()),
        ("; Path=/shop; Path=", Attributes()),
        ("; Domain=Shop.Test", Attributes(domain=b"shop.test")),
        ("; Domain=.shop.test", Attributes(domain=b"shop.test")),
        ("; Domain=", Attributes()),
        ("; SECURE", Attributes(secure=True)),
        ("; Secure=no", Attributes(secure=True)),
        ("; Max-Age=60", Attributes(max_age_s=60)),
        ("; Max-Age=-1", Attributes(max_age_s=-1)),
        ("; Max-Age=60; Max-Age=6o", Attributes(max_age_s=60)),
        ("; Max-Age=+5", Attributes()),
        ("; Max-Age=1.5", Attributes()),
        ("; Max-Age=", Attributes()),
        ("; Expires=Thu, 01 Jan 1970 00:00:07 GMT", Attributes(expires=7)),
        ("; Expires=soon", Attributes()),
        ("; Path=/" + "x" * 2000, Attributes()),
        (";;; ;", Attributes()),
    ],
)
def test_the_last_of_each_attribute_counts_and_wrong_ones_do_not(text: str, expected: Attributes) -> None:
    assert attributes(text) == expected


def test_an_age_overrides_a_date_and_no_age_is_without_bound() -> None:
    both = attributes("; Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:07 GMT")
    assert both.kept_until(1000) == 1060
    assert attributes("; Expires=Thu, 01 Jan 1970 00:00:07 GMT").kept_until(1000) == 7
    assert attributes("").kept_until(1000) is None
    assert attributes("; Max-Age=" + "9" * 1000).kept_until(0) == LONGEST_AGE_S
    for digits in (400, 1000):
        assert attributes("; Max-Age=-" + "9" * digits).kept_until(1000.5) < 0  # type: ignore[operator]


@pytest.mark.parametrize(
    ("header", "read"),
    [
        (b"__Host-a=1; Secure; Path=/", True),
        (b"__Host-a=1; Path=/", False),
        (b"__Host-a=1; Secure", False),
        (b"__host-a=1; Secure; Path=/; Domain=shop.test", False),
        (b"__Secure-a=1; Secure", True),
        (b"__SECURE-a=1", False),
        (b"__a=1", True),
    ],
)
def test_names_with_a_promise_demand_the_attributes_that_keep_it(header: bytes, read: bool) -> None:
    assert (read_set_cookie(header) is not None) == read


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        (b"Sun, 06 Nov 1994 08:49:37 GMT", 784111777),
        (b"Sunday, 06-Nov-94 08:49:37 GMT", 784111777),
        (b"Sun Nov  6 08:49:37 1994", 784111777),
        (b"1994 nov 6 8:49:37", 784111777),
        (b"Thu, 29 Feb 2024 00:00:00 GMT", 1709164800),
        (b"Fri, 01-Jan-00 00:00:00 GMT", 946684800),
        (b"Thu, 29 Feb 2023 00:00:00 GMT", None),
        (b"Sun, 06 Nov 1500 08:49:37 GMT", None),
        (b"Sun, 06 Nov 1994 24:00:00 GMT", None),
        (b"Sun, 06 Nov 1994", None),
        (b"Sun, 31 Apr 1994 08:49:37 GMT", None),
        (b"0", None),
        (b"", None),
    ],
)
def test_dates_are_read_in_whatever_order_and_impossible_ones_are_none(text: bytes, moment: int | None) -> None:
    assert read_date(text) == moment


@given(st.datetimes(datetime(1970, 1, 1), datetime(2069, 12, 31)))
def test_dates_are_read_in_both_forms_in_which_servers_write_them(date: datetime) -> None:
    date = date.replace(tzinfo=UTC, microsecond=0)
    for text in (format_datetime(date, usegmt=True), date.strftime("%A, %d-%b-%Y %H:%M:%S GMT")):
        assert read_date(text.encode()) == int(date.timestamp())


@given(st.binary(max_size=200))
def test_whatever_a_server_sends_is_read_or_ignored(header: bytes) -> None:
    cookie = read_set_cookie(header)
    if cookie:
        assert cookie.name
        sent = cookie.name + b"=" + cookie.value
        assert sent in header or b" " in header or b"\t" in header
        assert b";" not in sent
        assert not any((byte < 32 and byte != 9) or byte == 127 for byte in sent)
