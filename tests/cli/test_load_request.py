"""What `webdyno load` sends: headers and credentials, and that no secret is ever shown."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from tests.options_of_load import typed
from webdyno.errors import UsageError
from webdyno.questions.environment import Filler
from webdyno.questions.load.request import read_headers, read_request
from webdyno.questions.values import header_pairs

SECRET = "hunter2"


def test_a_header_given_twice_is_sent_twice_and_in_order() -> None:
    options = typed(headers=["X-Tag: b", "Accept: text/html", "x-tag:a:c"])
    assert read_headers(options) == (("X-Tag", "b"), ("Accept", "text/html"), ("x-tag", "a:c"))


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("Host:", ("Host", "")),
        ("x-name : a:b ", ("x-name", "a:b")),
        ("X: Gr\u00fc\u00dfe", ("X", "Gr\xc3\xbc\xc3\x9fe")),
        ("X: \u6771\u4eac", ("X", "\xe6\x9d\xb1\xe4\xba\xac")),
        # A byte that is no UTF-8, as Python takes it from the command line.
        ("X: \udcfc", ("X", "\xfc")),
    ],
)
def test_the_bytes_of_a_header_are_those_that_were_typed(typed: str, sent: tuple[str, str]) -> None:
    assert header_pairs([typed, typed], Filler({})) == (sent, sent)


@pytest.mark.parametrize("secret", ["me:hunter2", "me:with:colons", "m\u00fc:p\u00e4ss", ":"])
def test_a_user_becomes_basic_authentication_from_text_and_file(tmp_path: Path, secret: str) -> None:
    (tmp_path / "secret").write_text(secret + "\n", encoding="utf-8")
    for given in (secret, f"@{tmp_path / 'secret'}"):
        ((name, value),) = read_headers(typed(user=given))
        assert name == "Authorization"
        scheme, _, encoded = value.partition(" ")
        assert scheme == "Basic"
        assert base64.b64decode(encoded).decode() == secret


def test_a_token_becomes_bearer_authentication_from_text_and_file(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("abc.def\r\n")
    for given in ("abc.def", f"@{tmp_path / 'token'}"):
        assert read_headers(typed(bearer=given)) == (("Authorization", "Bearer abc.def"),)


def test_compressed_answers_are_asked_for() -> None:
    assert read_headers(typed(compressed=True)) == (("Accept-Encoding", "gzip, deflate"),)


@pytest.mark.parametrize(
    "texts",
    [
        {"user": SECRET},
        {"bearer": f"{SECRET} and more"},
        {"bearer": f"{SECRET}\r\nX-Other: y"},
        {"bearer": ""},
        {"user": f"me:{SECRET}", "bearer": SECRET},
        {"user": f"me:{SECRET}", "headers": ["authorization: x"]},
        {"headers": [f"Authorization {SECRET}"]},
        {"headers": [f"Authorization: {SECRET}\x7f"]},
        {"headers": [f"Authorization: {SECRET}\r\nX-Other: y"]},
        {"headers": ["Host: a", "host: b"]},
        {"headers": ["Host: a b"]},
        {"headers": ["Content-Length: 3"]},
        {"headers": ["Transfer-Encoding: chunked"]},
        {"method": "GET /"},
    ],
)
def test_what_cannot_be_sent_is_refused_without_repeating_a_secret(texts: dict[str, str | list[str]]) -> None:
    with pytest.raises(UsageError) as raised:
        read_request("/", typed(**texts))
    shown = f"{raised.value.message} {raised.value.remedy} {raised.value.details}"
    assert SECRET not in shown
    assert raised.value.remedy


def test_a_file_of_credentials_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"\xff\xfe:")
    with pytest.raises(UsageError, match="no text"):
        read_headers(typed(user=f"@{tmp_path / 'secret'}"))
