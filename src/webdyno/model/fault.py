"""What is wrong with a document, in one line."""

from __future__ import annotations

from pydantic import ValidationError

from ..units import printable

# To look at one, all are made into objects, which a million of them would fill the memory with.
_MOST = 1000


def first_fault(error: ValidationError) -> str:
    """Where the first fault is and what it is; only how many there are, where these are more than anyone makes."""
    count = error.error_count()
    if count > _MOST:
        return f"{count:,} fields are wrong"
    fault = error.errors(include_url=False, include_context=False, include_input=False)[0]
    place = ".".join(map(str, fault["loc"]))
    more = f" (and {count - 1} more)" if count > 1 else ""
    return f"{printable(place[:80])}: {printable(fault['msg'][:120])}{more}"
