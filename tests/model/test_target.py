"""What is said of a URL that cannot be loaded as written: the remedy names the very server that was typed."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webdyno.errors import UsageError
from webdyno.model.target import parse_target

HOSTS = st.from_regex(r"[a-z][a-z0-9-]{0,8}(\.[a-z]{2,4})?|127\.0\.0\.[1-9]", fullmatch=True) | st.sampled_from(
    ["[::1]", "[2001:db8::7]"]
)
PATHS = st.from_regex(r"(/[a-z0-9.~-]{0,6}){0,2}(\?[a-z]=[0-9])?", fullmatch=True)


def refused(url: str) -> UsageError:
    with pytest.raises(UsageError) as caught:
        parse_target(url)
    return caught.value


def suggested(url: str) -> str:
    return refused(url).remedy.removeprefix("write it as ")


@given(st.sampled_from(["", "//", "ftp://", "ws://", "http:/"]), HOSTS, st.none() | st.integers(1, 65535), PATHS)
def test_the_suggestion_has_the_host_the_port_and_the_path_that_were_typed(
    before: str, host: str, port: int | None, path: str
) -> None:
    typed = host + ("" if port is None else f":{port}") + path
    target, meant = parse_target(suggested(before + typed)), parse_target(f"http://{typed}")
    assert (target.host, target.path) == (meant.host, meant.path)
    assert port is None or target.port == port


@pytest.mark.parametrize(
    ("typed", "suggestion"),
    [
        ("localhost:8000", "http://localhost:8000"),
        ("shop.test/items?page=2", "http://shop.test/items?page=2"),
        ("shop.test:443/items", "https://shop.test:443/items"),
        ("wss://shop.test/chat", "https://shop.test/chat"),
        ("https:/shop.test/", "https://shop.test/"),
        ("::1:8000/items", "http://[::1]:8000/items"),
        ("http://::1:8000/", "http://[::1]:8000/"),
        ("fe80::1", "http://[fe80::1]"),
        ("http://shop.test:99999/items", "http://shop.test:PORT/items"),
        ("/items", "http://HOST:PORT/items"),
        ("", "http://HOST:PORT/PATH"),
    ],
)
def test_the_suggestion_can_be_typed_as_it_stands(typed: str, suggestion: str) -> None:
    assert suggested(typed) == suggestion


@given(st.text(max_size=30))
def test_whatever_is_typed_is_read_or_refused_with_something_to_do(text: str) -> None:
    with suppress(UsageError):
        parse_target(text)
        return
    error = refused(text)
    assert error.remedy.isprintable()


@pytest.mark.parametrize("typed", ["https:/me:hidden@shop.test/", "//me:hidden@shop.test/", "shop.test/?token=hidden"])
def test_no_suggestion_repeats_a_secret(typed: str) -> None:
    error = refused(typed)
    assert "hidden" not in f"{error.message} {error.remedy}"
