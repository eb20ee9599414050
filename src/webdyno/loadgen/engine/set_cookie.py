"""Reading one `Set-Cookie` header, as RFC 6265, section 5.2, says."""

from __future__ import annotations

import re
from calendar import timegm
from functools import lru_cache
from typing import NamedTuple

MOST_BYTES = 4096
"""Of a name and its value together; a longer cookie is ignored, as by browsers."""
LONGEST_AGE_S = 400 * 86_400
_MOST_ATTRIBUTE_BYTES = 1024
_BLANK = b" \t"
_CONTROL = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")
_SECONDS = re.compile(rb"-?[0-9]+")

# Section 5.1.1: a date is tokens in any order, and what follows the digits of one is ignored.
_DELIMITERS = re.compile(rb"[\x09\x20-\x2f\x3b-\x40\x5b-\x60\x7b-\x7e]+")
_TIME = re.compile(rb"([0-9]{1,2}):([0-9]{1,2}):([0-9]{1,2})(?![0-9])")
_DAY = re.compile(rb"([0-9]{1,2})(?![0-9])")
_YEAR = re.compile(rb"([0-9]{2,4})(?![0-9])")
_MONTHS = (b"jan", b"feb", b"mar", b"apr", b"may", b"jun", b"jul", b"aug", b"sep", b"oct", b"nov", b"dec")
_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


class Attributes(NamedTuple):
    """How a cookie is to be kept.

    Attributes:
        domain: that the server names, in lower case and without a leading dot; empty for the host alone.
        path: that the server names; empty for the directory of the request.
        secure: to be sent over trustworthy connections only.
        max_age_s: seconds for which it is kept; None where the server does not say.
        expires: until when it is kept, seconds since 1970, unless `max_age_s` says otherwise; None as above.
    """

    domain: bytes = b""
    path: bytes = b""
    secure: bool = False
    max_age_s: int | None = None
    expires: int | None = None

    def kept_until(self, now: float) -> float | None:
        """The moment until which what comes at `now` is kept; None for as long as the user is there."""
        if self.max_age_s is not None:
            return now + max(min(self.max_age_s, LONGEST_AGE_S), -LONGEST_AGE_S)
        return self.expires


class SetCookie(NamedTuple):
    """What a server asks to be kept; name and value are sent back as they are."""

    name: bytes
    value: bytes
    attributes: Attributes = Attributes()


def read_set_cookie(header: bytes) -> SetCookie | None:
    """Read the value of a `Set-Cookie` header; None where it is to be ignored.

    That is a cookie without a name, with a control character, of more than `MOST_BYTES`, or one whose name begins with
    `__Secure-` or `__Host-` without the attributes that these demand.
    """
    if _CONTROL.search(header):
        return None
    pair, _, rest = header.partition(b";")
    name, equals, value = pair.partition(b"=")
    name, value = name.strip(_BLANK), value.strip(_BLANK)
    if not (equals and name) or len(name) + len(value) > MOST_BYTES:
        return None
    attributes = _attributes(rest)
    if name.startswith(b"__") and not _keeps_prefix(name.lower(), attributes):
        return None
    return SetCookie(name, value, attributes)


# A server sends another value to every user, and mostly the same attributes.
@lru_cache(64)
def _attributes(text: bytes) -> Attributes:
    domain = path = b""
    secure, max_age_s, expires = False, None, None
    for attribute in text.split(b";"):
        key, _, value = attribute.partition(b"=")
        key, value = key.strip(_BLANK).lower(), value.strip(_BLANK)
        if len(value) > _MOST_ATTRIBUTE_BYTES:
            continue
        if key == b"path":
            path = value if value.startswith(b"/") else b""
        elif key == b"domain":
            domain = value.removeprefix(b".").lower()
        elif key == b"secure":
            secure = True
        elif key == b"max-age" and _SECONDS.fullmatch(value):
            max_age_s = int(value)
        elif key == b"expires":
            moment = read_date(value)
            expires = expires if moment is None else moment
    return Attributes(domain, path, secure, max_age_s, expires)


def _keeps_prefix(name: bytes, attributes: Attributes) -> bool:
    if name.startswith(b"__host-"):
        return attributes.secure and attributes.path == b"/" and not attributes.domain
    return attributes.secure or not name.startswith(b"__secure-")


def read_date(text: bytes) -> int | None:
    """The moment that an `Expires` attribute names, seconds since 1970; None where it names none."""
    clock = day = month = year = None
    for token in _DELIMITERS.split(text):
        if clock is None and (match := _TIME.match(token)):
            clock = tuple(map(int, match.groups()))
        elif day is None and (match := _DAY.match(token)):
            day = int(match[1])
        elif month is None and token[:3].lower() in _MONTHS:
            month = _MONTHS.index(token[:3].lower()) + 1
        elif year is None and (match := _YEAR.match(token)):
            year = int(match[1])
    if clock is None or day is None or month is None or year is None:
        return None
    year += 1900 if 70 <= year <= 99 else 2000 if year <= 69 else 0
    hour, minute, second = clock
    leap = month == 2 and year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    if year < 1601 or hour > 23 or minute > 59 or second > 59 or not 1 <= day <= _DAYS[month - 1] + leap:
        return None
    return timegm((year, month, day, hour, minute, second))
