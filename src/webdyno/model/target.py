"""Target: a server that already runs, as a URL names it; read strictly."""

from __future__ import annotations

import ipaddress
import re
from contextlib import suppress
from typing import NamedTuple
from urllib.parse import urlsplit

from ..errors import UsageError
from ..units import printable
from .http_request import authority_of
from .secret_rules import mask_text

_HOST_NAME = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9._-]{0,252})", re.ASCII)
_PRINTED = re.compile(r"[!-~]+")
_LONGEST_SHOWN = 120
_DEFAULT_PORTS = {"http": 80, "https": 443}
# What may stand before the host: any scheme, or what was meant as one; a name before a port, `localhost:8000`, is none.
_BEFORE_HOST = re.compile(r"([a-z][a-z0-9+.-]*)://|(https?):/|//", re.IGNORECASE)
_CREDENTIALS = re.compile(r"([a-z][a-z0-9+.-]*:)?/*[^/?#]*@", re.IGNORECASE)
_ENCRYPTED = frozenset({"https", "wss"})


class Target(NamedTuple):
    """What a URL names.

    Attributes:
        url: as it may be shown.
        scheme: `http` or `https`.
        host, port: as written; the host is not resolved yet.
        path: with the query.
    """

    url: str
    scheme: str
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """The value of the `Host` header."""
        return authority_of(self.host, self.port, _DEFAULT_PORTS[self.scheme])

    def under(self, scheme: str) -> str:
        """The URL with another scheme, as it may be shown."""
        return f"{scheme}://{self.url.partition('://')[2]}"


def parse_target(url: str, typed: str | None = None) -> Target:
    """Read the URL of a load.

    Args:
        url: what is loaded.
        typed: the same as it was written, with the names of what was filled in; None where that is the URL itself.

    Raises:
        UsageError: it is no URL that can be loaded as written; credentials in it are never repeated.
    """
    scheme, found, _ = url.partition("://")
    if _CREDENTIALS.match(url):
        raise UsageError(
            "a URL with credentials is not loaded", "give them apart: --user NAME:PASSWORD, or --user @FILE"
        )
    if not found:
        raise _wrong(url, "has no scheme")
    if (scheme := scheme.lower()) not in _DEFAULT_PORTS:
        raise _wrong(url, "is neither an http:// nor an https:// URL")
    if not _PRINTED.fullmatch(url):
        raise _wrong(url, "holds spaces, control or non-ASCII characters", "percent-encode them, as %20 for a space")
    if "#" in url:
        raise _wrong(url, "has a fragment (#...), which is never sent", "leave it out")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", _DEFAULT_PORTS[scheme] if parts.port is None else parts.port
    except ValueError as error:
        raise _wrong(url, f"cannot be read: {error}") from error
    if not (_is_ipv6(host) if "[" in parts.netloc else _HOST_NAME.fullmatch(host)):
        raise _wrong(url, "has no valid host")
    if not port:
        raise _wrong(url, "has port 0, on which nothing can listen", "give the port of the server")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(mask_text(url if typed is None else typed), scheme, host, port, path)


def _meant(url: str) -> str:
    """What was meant by a URL that cannot be loaded as written: its own host, port and path, as far as they are clear.

    What was to be encrypted, by its scheme or its port, is meant as https.
    """
    before = _BEFORE_HOST.match(url)
    rest = url[before.end() :] if before else url
    host = re.split(r"[/?#]", rest, maxsplit=1)[0]
    address, _, port = host.rpartition(":")
    encrypted = (before and (before[1] or before[2] or "").lower() in _ENCRYPTED) or port == "443"
    # `::1:8000` is an address by itself as well, though hardly anybody means that.
    bracketed = f"[{address}]:{port}" if _is_ipv6(address) and port.isdecimal() else host
    if bracketed == host and _is_ipv6(host):
        bracketed = f"[{host}]"
    scheme, path = "https" if encrypted else "http", rest[len(host) :]
    meant = f"{scheme}://{bracketed}{path}"
    with suppress(UsageError):
        if meant != url and parse_target(meant):
            return meant
    name = address if _HOST_NAME.fullmatch(address) and "@" not in host else "HOST"
    return f"{scheme}://{name}:PORT{path or '/PATH'}"


def _is_ipv6(host: str) -> bool:
    try:
        return not ipaddress.IPv6Address(host).scope_id
    except ValueError:
        return False


def _wrong(url: str, what: str, remedy: str = "") -> UsageError:
    remedy = remedy or f"write it as {printable(mask_text(_meant(url)))}"
    return UsageError(f"the URL {shortened(mask_text(url))} {what}", remedy)


def shortened(text: str) -> str:
    """The text, or its beginning, fit for one line of a terminal."""
    text = printable(text)
    return text if len(text) <= _LONGEST_SHOWN else text[: _LONGEST_SHOWN - 3] + "..."
