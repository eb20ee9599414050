"""Target: a server that already runs, as a URL names it; read strictly."""

from __future__ import annotations

import ipaddress
import re
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
_AS = "write it as http://127.0.0.1:8000/path"


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


def parse_target(url: str, typed: str | None = None) -> Target:
    """Read the URL of a load.

    Args:
        url: what is loaded.
        typed: the same as it was written, with the names of what was filled in; None where that is the URL itself.

    Raises:
        UsageError: it is no URL that can be loaded as written; credentials in it are never repeated.
    """
    scheme, found, rest = url.partition("://")
    if "@" in re.split(r"[/?#]", rest if found else url)[0]:
        raise UsageError(
            "a URL with credentials is not loaded", "give them apart: --user NAME:PASSWORD, or --user @FILE"
        )
    if not found:
        raise _wrong(url, "has no scheme", _AS)
    if (scheme := scheme.lower()) not in _DEFAULT_PORTS:
        raise _wrong(url, "is neither an http:// nor an https:// URL", _AS)
    if not _PRINTED.fullmatch(url):
        raise _wrong(url, "holds spaces, control or non-ASCII characters", "percent-encode them, as %20 for a space")
    if "#" in url:
        raise _wrong(url, "has a fragment (#...), which is never sent", "leave it out")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", _DEFAULT_PORTS[scheme] if parts.port is None else parts.port
    except ValueError as error:
        raise _wrong(url, f"cannot be read: {error}", _AS) from error
    if not (_is_ipv6(host) if "[" in parts.netloc else _HOST_NAME.fullmatch(host)):
        raise _wrong(url, "has no valid host", "write it as http://127.0.0.1:8000/path or http://[::1]:8000/path")
    if not port:
        raise _wrong(url, "has port 0, on which nothing can listen", "give the port of the server")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(mask_text(url if typed is None else typed), scheme, host, port, path)


def _is_ipv6(host: str) -> bool:
    try:
        return not ipaddress.IPv6Address(host).scope_id
    except ValueError:
        return False


def _wrong(url: str, what: str, remedy: str) -> UsageError:
    return UsageError(f"the URL {shortened(mask_text(url))} {what}", remedy)


def shortened(text: str) -> str:
    """The text, or its beginning, fit for one line of a terminal."""
    text = printable(text)
    return text if len(text) <= _LONGEST_SHOWN else text[: _LONGEST_SHOWN - 3] + "..."
