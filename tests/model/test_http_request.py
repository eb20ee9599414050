"""Which headers a request may bring, and what stands where it brings none."""

import pytest

from webdyno.errors import UsageError
from webdyno.model.http_request import as_typed, asks_to_close, check_fields, write_request
from webdyno.model.workload import Request


@pytest.mark.parametrize(
    "host", ["", "a", "a:80", "A_b.example", "[::1]", "[2001:db8::1]:8443", "127.0.0.1:1", "x-${n:url}"]
)
def test_a_host_may_be_any_name_or_address_with_a_port_or_without(host: str) -> None:
    check_fields((("host", host),), 0)


@pytest.mark.parametrize("body", [b"", b"hello"])
def test_the_length_of_the_body_may_be_given(body: bytes) -> None:
    request = Request(method="POST", headers=(("content-length", str(len(body))),), body=body)
    assert write_request(request, "a").lower().count(b"content-length") == 1


@pytest.mark.parametrize(
    ("headers", "length", "words"),
    [
        ((("Content-Length", "4"),), 5, "Content-Length is not 5"),
        ((("Content-Length", "05"),), 5, "Content-Length is not 5"),
        ((("content-length", "5"), ("Content-Length", "5")), 5, "Content-Length is given 2 times"),
        ((("Content-Length", "5"),), None, "a body that varies"),
        ((("transfer-encoding", "chunked"),), 5, "Transfer-Encoding may not"),
        ((("Host", "a"), ("HOST", "a")), 0, "Host is given 2 times"),
        ((("Host", "a b"),), 0, "names no host"),
        ((("Host", "http://a/"),), 0, "names no host"),
        ((("Host", "a:b"),), 0, "names no host"),
        ((("Host", "[::"),), 0, "names no host"),
    ],
)
def test_a_header_that_contradicts_the_request_is_refused(
    headers: tuple[tuple[str, str], ...], length: int | None, words: str
) -> None:
    with pytest.raises(UsageError, match=words) as refused:
        check_fields(headers, length)
    assert refused.value.remedy


def test_the_key_of_a_websocket_cannot_be_given() -> None:
    with pytest.raises(UsageError, match="Sec-WebSocket-Key"):
        check_fields((("sec-websocket-key", "x"),), None, websocket=True)


@pytest.mark.parametrize(
    ("value", "asked"),
    [
        ("close", True),
        ("Close", True),
        ("keep-alive, close", True),
        ("keep-alive", False),
        ("closed", False),
        ("", False),
    ],
)
def test_the_option_close_is_found_among_others(value: str, asked: bool) -> None:
    assert asks_to_close((("Accept", "close"), ("connection", value))) is asked


def test_a_header_is_told_as_it_was_typed_where_it_is_text() -> None:
    assert [as_typed(value) for value in ("a", "Gr\xc3\xbc\xc3\x9fe", "\xff")] == ["a", "Gr\u00fc\u00dfe", "\ufffd"]
