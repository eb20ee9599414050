"""Secrets: the values that a run was given to use and must never keep, and what is kept in their place."""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from urllib.parse import quote, quote_plus, unquote, unquote_plus

from ..errors import MeasurementError, Told
from .fact import Fact
from .http_request import as_typed
from .known_values import KnownValues
from .secret_rules import MASK, SCHEME, mask_named, mask_text

_SAME_IN_ALL = re.compile(r"[\w.~-]*", re.ASCII)
_PERCENT = re.compile(r"%[0-9A-F]{2}")


class Secrets:
    """What one run knows of secrets: it learns them from what is used, and masks what is kept.

    Whatever was learned is masked wherever it appears, also where it was cut off or comes back in another spelling;
    what only looks like a secret, or stands beside the name of one, is masked as well.
    """

    def __init__(self, named: Mapping[str, str] | None = None) -> None:
        """Begin with secrets that have a name.

        Args:
            named: values by the name that is written in their place: that of `env.TOKEN` is kept as `${env.TOKEN}`.
        """
        self._shown: dict[str, str] = {}
        self._known: KnownValues | None = None
        for name, value in (named or {}).items():
            self._learn(value, f"${{{name}}}")

    def learn(self, name: str, value: str) -> None:
        """Learn what is secret in a value that stands under a name: a header, a variable, a column of data."""
        mask_named(name, value, self._learned)

    def learn_text(self, text: str) -> None:
        """Learn what is secret in a path, a body or any other text."""
        mask_text(text, self._learned)

    def text(self, text: str) -> str:
        """A text as it is kept."""
        return _storable(mask_text(self._without_known(text)))

    def named(self, name: str, value: str) -> str:
        """What stands under a name as it is kept: a header, a variable."""
        return _storable(mask_named(name, self._without_known(value)))

    def body(self, body: bytes) -> bytes:
        """A body as it is kept: as long as before, since its length is told as well."""
        text = self._known_values().replaced(body.decode("utf-8", "surrogateescape"), _stars)
        return mask_text(text, _stars).encode("utf-8", "surrogateescape")

    @contextmanager
    def out_of_errors(self) -> Iterator[None]:
        """Mask what an error says that ends the block, before anybody sees it."""
        try:
            yield
        except Told as error:
            self.mask(error)
            raise

    def mask(self, error: Told) -> None:
        """Mask what an error says."""
        error.message, error.remedy = self.text(error.message), self.text(error.remedy)
        error.details = tuple(map(self.text, error.details))
        error.args = (error.message,)
        if isinstance(error, MeasurementError):
            error.what, error.advice = self._fact(error.what), self._fact(error.advice)

    def _fact(self, what: object) -> object:
        return what.rewritten(self.text) if isinstance(what, Fact) else what

    def _without_known(self, text: str) -> str:
        return self._known_values().replaced(text, lambda value: self._shown.get(value, MASK))

    def _known_values(self) -> KnownValues:
        if self._known is None:
            self._known = KnownValues(self._shown)
        return self._known

    def _learned(self, value: str) -> str:
        self._learn(value, MASK)
        return value

    def _learn(self, value: str, shown: str) -> None:
        self._known = None
        for part in _parts(value):
            for spelling in _spellings(part):
                self._shown.setdefault(spelling, shown)


def _parts(value: str) -> Iterator[str]:
    """A secret without the name of its scheme, its lines, and the password where it is one of basic authentication."""
    scheme = SCHEME.match(value)
    credentials = value[scheme.end() :] if scheme else value
    yield credentials
    if len(lines := credentials.split("\n")) > 1:
        yield from map(str.strip, lines)
    try:
        name, colon, password = base64.b64decode(credentials, validate=True).decode().partition(":")
    except ValueError:
        return
    if colon and name.isprintable():
        yield f"{name}:{password}"
        yield password


def _spellings(value: str) -> Iterator[str]:
    """How a server may send a value back, or write it into its log."""
    if _SAME_IN_ALL.fullmatch(value):
        yield value
        return
    # A header has a character for each byte.
    for text in {value, unquote(value), unquote_plus(value), as_typed(value), _bytes(value).decode("utf-8", "replace")}:
        data = _bytes(text)
        yield text
        for quoted in (quote(data, safe=""), quote(data), quote_plus(data)):
            yield quoted
            yield _PERCENT.sub(lambda found: found[0].lower(), quoted)
        yield json.dumps(text)[1:-1]
        yield json.dumps(text, ensure_ascii=False)[1:-1]
        yield ascii(text)[1:-1]
        yield repr(data)[2:-1]
        yield html.escape(text)
        # As Jinja writes it.
        yield html.escape(text).replace("&quot;", "&#34;").replace("&#x27;", "&#39;")


def _bytes(text: str) -> bytes:
    """Those that were typed, also where they are no UTF-8."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")


def _storable(text: str) -> str:
    """Without half characters, as of a variable that is no UTF-8: neither a document nor a database takes them."""
    return text.encode("utf-8", "backslashreplace").decode()


def _stars(value: str) -> str:
    return "*" * len(value.encode("utf-8", "surrogateescape"))
