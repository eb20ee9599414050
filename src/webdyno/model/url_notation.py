"""Parsing of `url=URL[,pid=N]`, the notation of a server that already runs."""

from __future__ import annotations

from ..errors import NotationError
from .stack import URL, Stack, read_pid
from .target import parse_target, shortened

_PID = ",pid="
_LONGEST = 2_000


def parse_url_stack(text: str) -> tuple[Stack, dict[str, int]]:
    """Read the notation; the stack, and where its parts stand in the text.

    Raises:
        NotationError: it is too long, or what follows `,pid=` is no process id.
        UsageError: the URL cannot be read.
    """
    if len(text) > _LONGEST:
        message = f"a notation of {len(text):,} characters is too long"
        raise NotationError(message, shortened(text), 0, "give the long part with --path")
    url, found, number = text.removeprefix(URL).partition(_PID)
    at = len(URL) + len(url) + len(_PID)
    pid = read_pid(number)
    if found and pid is None:
        remedy = "end with the number, such as ,pid=4711; a comma that belongs to the URL is written %2C"
        raise NotationError(f"{_PID[1:]} is followed by no process id", text, at, remedy)
    target = parse_target(url)
    app = f"{URL}{target.scheme}://{target.authority}{target.path}"
    options = (("pid", str(pid)),) if found else ()
    return Stack(app=app, options=options), {"app": 0, "key:pid": at - len(_PID) + 1, "value:pid": at}
