import time

import pytest

from webdyno.errors import UsageError
from webdyno.loadgen.engine.cookie_jar import CookieJar, Origin
from webdyno.loadgen.engine.set_cookie import read_set_cookie
from webdyno.loadgen.engine.wire import RequestWriter
from webdyno.loadgen.request_template import Sources
from webdyno.model.http_request import authority_of
from webdyno.model.scenario import Rows, Step
from webdyno.model.workload import Request


def render(request: Request, host: str, port: int) -> bytes:
    constant = RequestWriter(Step(name="request", request=request), authority_of(host, port)).constant
    assert constant
    return constant


def test_a_request_is_written_once_and_whole() -> None:
    assert render(Request(path="/items?q=1"), "127.0.0.1", 8000) == (
        b"GET /items?q=1 HTTP/1.1\r\nHost: 127.0.0.1:8000\r\nUser-Agent: webdyno\r\nAccept: */*\r\n\r\n"
    )


def test_own_headers_replace_ours_whatever_their_case() -> None:
    headers = (("host", "shop.test"), ("USER-AGENT", "me"), ("accept", "text/plain"), ("X-Name", "Ana\xefs"))
    assert render(Request(headers=headers), "127.0.0.1", 80) == (
        b"GET / HTTP/1.1\r\nhost: shop.test\r\nUSER-AGENT: me\r\naccept: text/plain\r\nX-Name: Ana\xefs\r\n\r\n"
    )


@pytest.mark.parametrize(
    ("host", "port", "authority"), [("::1", 8000, "[::1]:8000"), ("::1", 80, "[::1]"), ("127.0.0.1", 80, "127.0.0.1")]
)
def test_the_host_header_names_the_address(host: str, port: int, authority: str) -> None:
    assert f"\r\nHost: {authority}\r\n".encode() in render(Request(), host, port)


def test_a_body_comes_with_its_length() -> None:
    assert render(Request(method="POST", body=b"a=1"), "127.0.0.1", 80).endswith(b"\r\nContent-Length: 3\r\n\r\na=1")


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
def test_a_method_that_usually_has_a_body_says_when_it_has_none(method: str) -> None:
    assert render(Request(method=method), "127.0.0.1", 80).endswith(b"\r\nContent-Length: 0\r\n\r\n")


@pytest.mark.parametrize(("name", "value"), [("Content-Length", "3"), ("transfer-encoding", "chunked")])
def test_a_header_that_contradicts_the_body_is_refused(name: str, value: str) -> None:
    with pytest.raises(UsageError, match=name.title()):
        render(Request(headers=((name, value),)), "127.0.0.1", 80)


def test_what_changes_is_filled_in_and_the_length_fits() -> None:
    request = Request(
        method="POST",
        path="/items/${counter}?by=${users.name}",
        headers=(("X-By", "${users.name}"),),
        body=b"n=${counter}",
    )
    writer = RequestWriter(Step(name="add", request=request, basic="${users.name}:secret"), "127.0.0.1")
    assert writer.constant is None
    sources = Sources({"users": Rows(rows=({"name": "a b"}, {"name": "c"}))}, 1, (4, 5))
    assert writer.render(sources.journey()) == (
        b"POST /items/5?by=a%20b HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: webdyno\r\nAccept: */*\r\nX-By: a b\r\n"
        b"Authorization: Basic YSBiOnNlY3JldA==\r\nContent-Length: 4\r\n\r\nn=10"
    )


def with_cookies(request: Request, *cookies: str, basic: str | None = None) -> bytes:
    """The request of a user who got these from 127.0.0.1."""
    jar = CookieJar(trustworthy=True)
    read = [read_set_cookie(cookie.encode()) for cookie in cookies]
    jar.keep([cookie for cookie in read if cookie], Origin(b"127.0.0.1", b"/"), time.time())
    writer = RequestWriter(Step(name="request", request=request, basic=basic), "127.0.0.1")
    return writer.render(Sources({}, 1, (0, 1)).journey(), jar)


def test_the_cookies_of_a_user_stand_in_one_header() -> None:
    body = Request(method="POST", path="/x", body=b"\r\nCookie: a=0")
    assert with_cookies(body, "a=1", "b=2", basic="me:x") == (
        b"POST /x HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: webdyno\r\nAccept: */*\r\nCookie: a=1; b=2\r\n"
        b"Authorization: Basic bWU6eA==\r\nContent-Length: 13\r\n\r\n\r\nCookie: a=0"
    )


@pytest.mark.parametrize(
    ("own", "sent"),
    [
        ("c=3", "c=3; a=1; b=2"),
        ("a=own", "a=own; b=2"),
        ("x=1; a=own; b=own", "x=1; a=own; b=own"),
        ("session=abc; HttpOnly; Path=/", "session=abc; HttpOnly; Path=/; a=1; b=2"),
        ("A=1", "A=1; a=1; b=2"),
        ("b", "b; a=1"),
        ("", "a=1; b=2"),
    ],
)
def test_what_the_step_sends_itself_stays_as_written_and_is_not_sent_twice(own: str, sent: str) -> None:
    request = Request(headers=(("cookie", own), ("X-Last", "1")))
    assert with_cookies(request, "a=1", "b=2") == (
        b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: webdyno\r\nAccept: */*\r\nX-Last: 1\r\n"
        b"cookie: " + sent.encode() + b"\r\n\r\n"
    )


def test_a_user_whose_cookies_are_for_other_paths_sends_none() -> None:
    assert b"ookie" not in with_cookies(Request(path="/x/${counter}"), "a=1; Path=/y", "b=2; Path=/x/2")
    assert b"\r\nCookie: b=2\r\n" in with_cookies(Request(path="/x/${counter}"), "a=1; Path=/y", "b=2; Path=/x/1")
