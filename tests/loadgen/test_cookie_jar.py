"""Which cookies go with which request: by the rules of RFC 6265, and as the standard library's jar has it."""

from __future__ import annotations

import email.message
import http.cookiejar
import urllib.request
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webdyno.loadgen.engine.cookie_jar import MOST_COOKIES, CookieJar, Origin, origin_of
from webdyno.loadgen.engine.set_cookie import read_set_cookie

NOW = 1_000_000.0


def origin(url: str) -> Origin:
    host, slash, path = url.partition("/")
    return Origin(host.encode(), f"{slash}{path}".encode())


class User:
    """A jar that is given headers and asked for headers."""

    def __init__(self, *, trustworthy: bool = True) -> None:
        self.jar = CookieJar(trustworthy=trustworthy)

    def gets(self, url: str, *headers: str, now: float = NOW) -> User:
        read = [read_set_cookie(header.encode()) for header in headers]
        self.jar.keep([cookie for cookie in read if cookie], origin(url), now)
        return self

    def sends(self, url: str, *, now: float = NOW, but: Sequence[bytes] = ()) -> str:
        return self.jar.matching(origin(url), now, but).decode()


def test_all_cookies_of_one_answer_are_sent_back_without_their_attributes() -> None:
    user = User().gets("shop.test/login", "locale=en; Path=/", "session=abc; HttpOnly; Path=/; SameSite=Lax")
    assert user.sends("shop.test/account") == "locale=en; session=abc"


@pytest.mark.parametrize(
    ("header", "url", "sent"),
    [
        # Without a path: the directory of the request.
        ("a=1", "shop.test/app/x", True),
        ("a=1", "shop.test/app/", True),
        ("a=1", "shop.test/app", True),
        ("a=1", "shop.test/application", False),
        ("a=1", "shop.test/", False),
        ("a=1; Path=/", "shop.test/", True),
        ("a=1; Path=/", "shop.test/anything", True),
        ("a=1; Path=/other", "shop.test/other", True),
        ("a=1; Path=/other", "shop.test/other/x", True),
        ("a=1; Path=/other", "shop.test/others", False),
        ("a=1; Path=/other/", "shop.test/other", False),
        ("a=1; Path=/other/", "shop.test/other/x", True),
        ("a=1; Path=/OTHER", "shop.test/other", False),
        # Without a domain: the host alone.
        ("a=1; Path=/", "www.shop.test/", False),
        ("a=1; Path=/; Domain=shop.test", "shop.test/", True),
        ("a=1; Path=/; Domain=shop.test", "www.shop.test/", True),
        ("a=1; Path=/; Domain=.SHOP.test", "a.b.shop.test/", True),
        ("a=1; Path=/; Domain=shop.test", "workshop.test/", False),
        # A domain that the host does not belong to.
        ("a=1; Path=/; Domain=other.test", "other.test/", False),
        ("a=1; Path=/; Domain=other.test", "shop.test/", False),
        ("a=1; Path=/; Domain=www.shop.test", "shop.test/", False),
        ("a=1; Path=/; Domain=test", "shop.test/", False),
        ("a=1; Path=/; Domain=op.test", "shop.test/", False),
        ("a=1; Path=/; Domain=", "shop.test/", True),
    ],
)
def test_path_and_domain_say_where_a_cookie_goes(header: str, url: str, sent: bool) -> None:
    assert User().gets("shop.test/app/login", header).sends(url) == ("a=1" if sent else "")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]"])
def test_addresses_and_names_without_a_dot_stand_for_themselves_alone(host: str) -> None:
    user = User().gets(f"{host}/", f"a=1; Domain={host}", "b=2")
    assert user.sends(f"{host}/") == "a=1; b=2"
    assert user.sends(f"x.{host}/") == ""


def test_an_address_has_no_parent_domain() -> None:
    assert User().gets("127.0.0.1/", "a=1; Domain=0.0.1").sends("127.0.0.1/") == ""


def test_a_later_cookie_of_the_same_name_domain_and_path_replaces_the_earlier_in_its_place() -> None:
    user = User().gets("shop.test/", "a=1", "b=2").gets("shop.test/", "a=3")
    assert user.sends("shop.test/") == "a=3; b=2"
    user.gets("shop.test/", "a=4; Path=/x", "a=5; Domain=shop.test")
    assert user.sends("shop.test/x") == "a=4; a=3; b=2; a=5"


@pytest.mark.parametrize(
    "gone",
    [
        "a=; Max-Age=0",
        "a=; Max-Age=-5",
        "a=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT",
        "a=1; Expires=Mon, 12 Jan 1970 13:46:40 GMT",
    ],
)
def test_an_age_of_nothing_or_a_date_in_the_past_forgets_a_cookie(gone: str) -> None:
    user = User().gets("shop.test/", "a=1", "b=2").gets("shop.test/", gone)
    assert user.sends("shop.test/") == "b=2"
    assert len(user.jar) == 1
    assert not len(User().gets("shop.test/", gone).jar)


def test_cookies_expire_by_the_clock() -> None:
    user = User().gets("shop.test/", "a=1; Max-Age=60", "b=2; Expires=Mon, 12 Jan 1970 13:46:50 GMT", "c=3")
    assert user.sends("shop.test/", now=NOW + 9) == "a=1; b=2; c=3"
    assert user.sends("shop.test/", now=NOW + 10) == "a=1; c=3"
    assert user.sends("shop.test/", now=NOW + 60) == "c=3"


def test_longer_paths_come_first_and_then_those_that_came_first() -> None:
    user = User().gets("shop.test/", "a=1; Path=/", "b=2; Path=/x/y", "c=3; Path=/x", "d=4; Path=/x/y")
    assert user.sends("shop.test/x/y") == "b=2; d=4; c=3; a=1"


def test_secure_cookies_are_kept_over_trustworthy_connections_only() -> None:
    headers = ("a=1; Secure", "b=2", "__Host-c=3; Secure; Path=/")
    assert User(trustworthy=True).gets("shop.test/", *headers).sends("shop.test/") == "a=1; b=2; __Host-c=3"
    assert User(trustworthy=False).gets("shop.test/", *headers).sends("shop.test/") == "b=2"


def test_what_is_named_otherwise_is_left_out() -> None:
    assert User().gets("shop.test/", "a=1", "b=2").sends("shop.test/", but=[b"a"]) == "b=2"


def test_a_server_that_sends_cookies_without_end_fills_no_memory() -> None:
    user = User().gets("shop.test/", "short=1; Max-Age=1")
    user.gets("shop.test/", *(f"n{number}={number}" for number in range(10_000)), now=NOW + 2)
    assert len(user.jar) == MOST_COOKIES
    assert user.sends("shop.test/").split("; ")[-1] == "n9999=9999"
    user.gets("shop.test/", *("x" * 100_000 for _ in range(10)), *(f"{'y' * 5000}=1" for _ in range(10)))
    assert "x" not in user.sends("shop.test/")


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (b"GET /a/b?c=/d HTTP/1.1\r\nHost: Shop.Test:8000\r\nCookie: a", Origin(b"shop.test", b"/a/b")),
        (b"POST / HTTP/1.1\r\nX: y\r\nhOST:shop.test\r\n\r\n\r\nHost: evil", Origin(b"shop.test", b"/")),
        (b"GET / HTTP/1.1\r\nHost: [::1]:80", Origin(b"[::1]", b"/")),
        (b"GET / HTTP/1.1\r\nHost: [::1]", Origin(b"[::1]", b"/")),
        (b"GET / HTTP/1.1\r\nX-Host: a\r\nHost: 127.0.0.1\r\n\r\n", Origin(b"127.0.0.1", b"/")),
    ],
)
def test_a_request_is_for_the_host_and_path_that_it_names(head: bytes, expected: Origin) -> None:
    assert origin_of(head) == expected


class LibraryUser:
    """The same with the jar of the standard library."""

    def __init__(self) -> None:
        # By default it sends what was set without a domain to the hosts below as well, as no browser does today.
        strict = http.cookiejar.DefaultCookiePolicy.DomainStrictNonDomain
        self.jar = http.cookiejar.CookieJar(http.cookiejar.DefaultCookiePolicy(strict_ns_domain=strict))

    def gets(self, url: str, header: str) -> None:
        message = email.message.Message()
        message["Set-Cookie"] = header
        self.jar.extract_cookies(_Answer(message), urllib.request.Request(f"http://{url}"))  # type: ignore[arg-type]

    def sends(self, url: str) -> str:
        request = urllib.request.Request(f"http://{url}")
        self.jar.add_cookie_header(request)
        return request.get_header("Cookie", "") or ""


class _Answer:
    def __init__(self, message: email.message.Message) -> None:
        self._message = message

    def info(self) -> email.message.Message:
        return self._message


# Where both claim the same rules: names with dots, and values and attributes as a server should write them.
HOSTS = st.sampled_from(["shop.test", "www.shop.test", "a.www.shop.test", "other.test", "workshop.test", "10.0.0.1"])
PATHS = st.lists(st.sampled_from(["a", "b", "ab"]), max_size=3).map(lambda parts: "/" + "/".join(parts))
TOKENS = st.text("abcXYZ019!#$%&'*+.^_`|~-", min_size=1, max_size=6)
ATTRIBUTES = st.lists(
    st.one_of(
        PATHS.map(lambda path: f"; Path={path}"),
        st.sampled_from(["; Domain=shop.test", "; Domain=.www.shop.test", "; domain=other.test", "; Domain=10.0.0.1"]),
        st.sampled_from(["; Max-Age=3600", "; Max-Age=0", "; Expires=Thu, 01 Jan 1970 00:00:00 GMT"]),
        st.sampled_from(["; Expires=Wed, 01 Jan 2098 00:00:00 GMT", "; HttpOnly", "; SameSite=Lax"]),
    ),
    max_size=4,
    unique_by=lambda text: text.partition("=")[0].lower(),
).map("".join)
HEADERS = st.builds(lambda name, value, rest: f"{name}={value}{rest}", st.sampled_from("abc"), TOKENS, ATTRIBUTES)
VISITS = st.lists(st.tuples(HOSTS, PATHS, HEADERS), max_size=12)


def belongs(host: str, header: str) -> bool:
    """Whether the host is of the domain that the cookie is for."""
    domain = header.lower().partition("; domain=")[2].partition(";")[0].removeprefix(".")
    return not domain or f".{host}".endswith(f".{domain}")


@given(VISITS, st.lists(st.tuples(HOSTS, PATHS), min_size=1, max_size=5))
def test_the_jar_sends_what_that_of_the_standard_library_sends(
    visits: list[tuple[str, str, str]], asked: list[tuple[str, str]]
) -> None:
    ours, library = User(), LibraryUser()
    now = 1_800_000_000.0
    for host, path, header in visits:
        ours.gets(host + path, header, now=now)
        # The library lets any host delete the cookies of any domain.
        if belongs(host, header):
            library.gets(host + path, header)
    for host, path in asked:
        # The library puts cookies in the order of the domains that it saw first.
        assert sorted(ours.sends(host + path, now=now).split("; ")) == sorted(library.sends(host + path).split("; "))
