"""What the options of `webdyno load` mean: typed values, or an error that says which option is wrong."""

from __future__ import annotations

import json
import math
from pathlib import Path

from pydantic import ValidationError

from ..errors import StoreError, UsageError
from ..model.load import ClosedLoad, Load, OpenLoad, Window
from ..model.load_run import LOAD_SCHEMA, LoadRun
from ..model.workload import Request
from ..units import parse_duration, printable
from .values import LARGEST_BODY, pairs

LARGEST_DOCUMENT = 64 * 2**20
PLOTS = (".svg", ".png", ".html")
_AGAIN = "give a file that `webdyno load --json` wrote"


def read_load(connections: int | None, rate: float | None, arrivals: str | None) -> Load:
    """Closed, or open where a rate is given.

    Raises:
        UsageError: a value is out of range, or `--arrivals` was given without `--rate`.
    """
    if arrivals not in (None, "poisson", "constant"):
        raise UsageError(f"--arrivals {printable(arrivals)!r} is unknown", "give poisson or constant")
    if rate is not None and not (math.isfinite(rate) and 0 < rate <= 1_000_000):
        raise UsageError(f"--rate {rate:g} is out of range", "give requests per second, at most 1000000")
    if connections is not None and not 1 <= connections <= 10_000:
        raise UsageError(f"--connections {connections} is out of range", "give 1 to 10000")
    given = {} if connections is None else {"connections": connections}
    if rate is None:
        if arrivals:
            raise UsageError("--arrivals needs --rate", "give the requests per second, as -r 1000")
        return ClosedLoad.model_validate(given)
    return OpenLoad.model_validate(given | {"rate": rate, "arrivals": arrivals or "poisson"})


def read_window(duration: str, warmup: str, timeout: str) -> Window:
    """How long.

    Raises:
        UsageError: a value is no duration or out of range.
    """
    values = {}
    for option, text, least in (("duration", duration, 0.05), ("warmup", warmup, 0.0), ("timeout", timeout, 1e-6)):
        seconds = parse_duration(text, f"--{option}")
        if not least <= seconds <= 3600:
            raise UsageError(f"--{option} {printable(text)} is out of range", f"give {least:g} s to 1 hour")
        values[f"{option}_s"] = seconds
    return Window(**values)


def read_request(path: str, method: str, headers: list[str] | None, body: bytes | None) -> Request:
    """The request.

    Raises:
        UsageError: the method or a header is not what HTTP allows, or the header is one that the engine writes.
    """
    given = pairs(headers, ":", "--header")
    for name in given:
        if name.lower() in ("content-length", "transfer-encoding"):
            raise UsageError(f"--header {name} may not be given", "leave it out: it is written to fit the body")
    try:
        return Request(method=method.upper(), path=path, headers=tuple(given.items()), body=body)
    except ValidationError as error:
        field = str(error.errors(include_url=False, include_input=False)[0]["loc"][0])
        option = {"headers": "--header", "method": "--method"}.get(field, field)
        # The value itself may be a secret.
        raise UsageError(f"{option} holds what HTTP does not allow there", "check its characters") from error


def expected_body(text: str | None) -> bytes | None:
    """The body that every answer must have: the text itself, or the file that `@FILE` names.

    Raises:
        UsageError: the file cannot be read or is too large.
    """
    if text is None or not text.startswith("@"):
        return None if text is None else text.encode()
    return _read(Path(text[1:]), LARGEST_BODY, "--expect-body")


def check_plot(path: Path | None) -> None:
    """Refuse a plot of an unknown kind before anything is measured.

    Raises:
        UsageError: the name does not end in one of the known kinds.
    """
    if path is not None and path.suffix.lower() not in PLOTS:
        raise UsageError(f"--plot {printable(str(path))} is of no known kind", f"end it in {', '.join(PLOTS)}")


def read_earlier(path: Path) -> LoadRun:
    """Read the document of an earlier load.

    Raises:
        UsageError: it cannot be read.
        StoreError: it is not ours, of another schema, or damaged.
    """
    name = printable(str(path))
    try:
        document = json.loads(_read(path, LARGEST_DOCUMENT, "--compare"))
    except (ValueError, RecursionError) as error:
        raise StoreError(f"{name} is not JSON, or was cut short", _AGAIN) from error
    if not isinstance(document, dict) or document.get("document") != "load":
        raise StoreError(f"{name} is not the document of a load", _AGAIN)
    if document.get("schema") != LOAD_SCHEMA:
        raise StoreError(
            f"{name} has schema {printable(str(document.get('schema')))[:20]}, this webdyno reads {LOAD_SCHEMA}",
            "use the webdyno that wrote it, or measure anew",
        )
    document.pop("analysis", None)
    try:
        return LoadRun.model_validate_json(json.dumps(document))
    except ValidationError as error:
        fault = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, fault["loc"]))
        raise StoreError(f"{name} is damaged: {printable(place[:80])}: {fault['msg'][:120]}", _AGAIN) from error


def _read(path: Path, largest: int, option: str) -> bytes:
    name = printable(str(path))
    try:
        # A device or a pipe could be endless or never answer.
        if path.exists() and not path.is_file():
            raise UsageError(f"{option} {name} is not a regular file", "give a file")
        with path.open("rb") as file:
            content = file.read(largest + 1)
    except (OSError, ValueError) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
        raise UsageError(f"{option} {name} cannot be read: {reason}", "check the path") from error
    if len(content) > largest:
        raise UsageError(f"{option} {name} is larger than {largest >> 20} MiB", "give a smaller one")
    return content
