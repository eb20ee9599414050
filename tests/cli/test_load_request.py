"""What `webdyno load` sends: headers and credentials, and that no secret is ever shown."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from webdyno.cli.environment import Filler
from webdyno.cli.load_options import LoadOptions
from webdyno.cli.load_request import read_headers, read_request
from webdyno.cli.values import header_pairs
from webdyno.errors import UsageError

SECRET = "hunter2"


def test_a_header_given_twice_is_sent_twice_and_in_order() -> None:
    options = LoadOptions(header=["X-Tag: b", "Accept: text/html", "x-tag:a:c"])
    assert read_headers(options, Filler({})) == (("X-Tag", "b"), ("Accept", "text/html"), ("x-tag", "a:c"))


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
        ((name, value),) = read_headers(LoadOptions(user=given), Filler({}))
        assert name == "Authorization"
        scheme, _, encoded = value.partition(" ")
        assert scheme == "Basic"
        assert base64.b64decode(encoded).decode() == secret


def test_a_token_becomes_bearer_authentication_from_text_and_file(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("abc.def\r\n")
    for given in ("abc.def", f"@{tmp_path / 'token'}"):
        assert read_headers(LoadOptions(bearer=given), Filler({})) == (("Authorization", "Bearer abc.def"),)


def test_compressed_answers_are_asked_for() -> None:
    assert read_headers(LoadOptions(compressed=True), Filler({})) == (("Accept-Encoding", "gzip, deflate"),)


@pytest.mark.parametrize(
    "options",
    [
        LoadOptions(user=SECRET),
        LoadOptions(bearer=f"{SECRET} and more"),
        LoadOptions(bearer=f"{SECRET}\r\nX-Other: y"),
        LoadOptions(bearer=""),
        LoadOptions(user=f"me:{SECRET}", bearer=SECRET),
        LoadOptions(user=f"me:{SECRET}", header=["authorization: x"]),
        LoadOptions(header=[f"Authorization {SECRET}"]),
        LoadOptions(header=[f"Authorization: {SECRET}\x7f"]),
        LoadOptions(header=[f"Authorization: {SECRET}\r\nX-Other: y"]),
        LoadOptions(header=["Host: a", "host: b"]),
        LoadOptions(header=["Host: a b"]),
        LoadOptions(header=["Content-Length: 3"]),
        LoadOptions(header=["Transfer-Encoding: chunked"]),
        LoadOptions(method="GET /"),
    ],
)
def test_what_cannot_be_sent_is_refused_without_repeating_a_secret(options: LoadOptions) -> None:
    with pytest.raises(UsageError) as raised:
        read_request("/", options, Filler({}))
    shown = f"{raised.value.message} {raised.value.remedy} {raised.value.details}"
    assert SECRET not in shown
    assert raised.value.remedy


def test_a_file_of_credentials_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"\xff\xfe:")
    with pytest.raises(UsageError, match="no text"):
        read_headers(LoadOptions(user=f"@{tmp_path / 'secret'}"), Filler({}))
