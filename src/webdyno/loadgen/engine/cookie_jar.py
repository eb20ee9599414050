"""The cookies of one user, kept and sent as a browser does: RFC 6265, sections 5.3 and 5.4.

A jar of our own, since `http.cookiejar` takes ten times as long for a request, which the load generator would spend
in place of the load. Tests hold the two against each other.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable
from typing import NamedTuple

from .set_cookie import SetCookie

MOST_COOKIES = 180
"""Of one user, as Chromium keeps for one domain; those that were set longest ago make room for more."""
_HOST = re.compile(rb"\r\nhost:[ \t]*([^\r\n]*)", re.IGNORECASE)
_IPV4 = re.compile(rb"[0-9]+(\.[0-9]+){3}")


class Origin(NamedTuple):
    """What a request is for, as far as cookies depend on it.

    Attributes:
        host: the name in its `Host` header, in lower case and without the port.
        path: without the query.
    """

    host: bytes
    path: bytes


def origin_of(head: bytes) -> Origin:
    """What a request is for, read from its head as it is sent; bytes that follow the head do no harm."""
    path = head.split(b" ", 2)[1].partition(b"?")[0]
    match = _HOST.search(head)
    authority = match[1].strip().lower() if match else b""
    host, colon, port = authority.rpartition(b":")
    return Origin(host if colon and port.isdigit() else authority, path)


class _Cookie(NamedTuple):
    # Whether it is for the domain alone, and not for those below.
    host_only: bool
    domain: bytes
    path: bytes
    name: bytes
    # As it is sent.
    pair: bytes
    # Its place in the order of their coming, which one that replaces it takes over.
    place: int
    # Seconds since 1970; None for as long as the user is there.
    until: float | None


class CookieJar:
    """The cookies of one user."""

    __slots__ = ("_came", "_cookies", "_trustworthy")

    def __init__(self, *, trustworthy: bool) -> None:
        """Begin without any.

        Args:
            trustworthy: the connections may carry cookies that the server calls `Secure`; otherwise none is kept.
        """
        self._trustworthy = trustworthy
        self._came = 0
        # By what tells one from another; the one that was set last is the last.
        self._cookies: dict[tuple[bool, bytes, bytes, bytes], _Cookie] = {}

    def __len__(self) -> int:
        """How many there are, those that have expired meanwhile included."""
        return len(self._cookies)

    def keep(self, cookies: Iterable[SetCookie], origin: Origin, now: float) -> None:
        """Take over what the answer to a request asked to be kept, or to be forgotten.

        Args:
            cookies: in the order in which they came.
            origin: of the request.
            now: seconds since 1970.
        """
        host, path = origin
        for name, value, asked in cookies:
            if asked.secure and not self._trustworthy:
                continue
            scope = _scope(asked.domain, host)
            if scope is None:
                continue
            key = (*scope, asked.path or _default_path(path), name)
            until = asked.kept_until(now)
            replaced = self._cookies.pop(key, None)
            if until is None or until > now:
                self._came += 1
                place = replaced.place if replaced else self._came
                self._cookies[key] = _Cookie(*key, name + b"=" + value, place, until)
        if len(self._cookies) > MOST_COOKIES:
            self._make_room(now)

    def _make_room(self, now: float) -> None:
        lasting = [(key, cookie) for key, cookie in self._cookies.items() if cookie.until is None or cookie.until > now]
        self._cookies = dict(lasting[-MOST_COOKIES:])

    def matching(self, origin: Origin, now: float, but: Container[bytes] = ()) -> bytes:
        """The cookies for a request as they stand in its `Cookie` header, those of longer paths first.

        Args:
            origin: of the request.
            now: seconds since 1970.
            but: names of cookies that are not to be sent.
        """
        host, path = origin
        found = [
            (-len(below), place, pair)
            for host_only, domain, below, name, pair, place, until in self._cookies.values()
            if (until is None or until > now)
            and (domain == host or (not host_only and _is_below(host, domain)))
            and (below == b"/" or _matches_path(path, below))
            and name not in but
        ]
        if len(found) > 1:
            found.sort()
        return b"; ".join([pair for _, _, pair in found])


def _scope(domain: bytes, host: bytes) -> tuple[bool, bytes] | None:
    """Whether a cookie is for its domain alone, and that domain; None where the host may set none for it."""
    # There is no list of public suffixes here: a name without a dot counts as one.
    shared = b"." in domain and not _IPV4.fullmatch(domain)
    if not domain or (domain == host and not shared):
        return True, host
    if shared and (domain == host or _is_below(host, domain)):
        return False, domain
    return None


def _is_below(host: bytes, domain: bytes) -> bool:
    return host.endswith(b"." + domain) and not _IPV4.fullmatch(host)


def _matches_path(path: bytes, below: bytes) -> bool:
    if not path.startswith(below):
        return False
    return len(path) == len(below) or below.endswith(b"/") or path.startswith(b"/", len(below))


def _default_path(path: bytes) -> bytes:
    return path[: path.rfind(b"/")] or b"/"
