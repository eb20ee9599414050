"""From stored JSON to what it was."""

from __future__ import annotations

from pydantic import ValidationError

from ..errors import StoreError
from ..model.fault import first_fault
from ..model.run import DESIGN_NAMES, Run
from .document_kinds import KINDS, Json, Kept, Readers, runs_of, without_analysis
from .wording import shown

_UPGRADE = "upgrade webdyno to the version that wrote it"


def read_kept(document: Json, where: str) -> Kept:
    """Turn a JSON object into what it was, with the secrets masked that an older webdyno wrote.

    Args:
        document: the parsed object; `analysis`, which can be computed anew, is ignored.
        where: where it was found, for messages.

    Raises:
        StoreError: it is not a result of webdyno, is of a kind or schema that only a newer one knows, or holds a field
            that cannot be right.
    """
    # Comparisons did not name their kind at first.
    kind = document.get("document", "comparison" if "experiment" in document else None)
    number = document.get("schema")
    if type(number) is not int or number < 1 or not isinstance(kind, str):
        raise StoreError(f"{where} is JSON, but not a result of webdyno", "give a file that --json wrote")
    if kind == "load-part":
        raise StoreError(f"{where} is what was measured of an interrupted load, and no result", "measure again")
    readers: Readers = next((readers for known, readers in KINDS.items() if known == kind), {})
    if not readers:
        raise StoreError(f"{where} is of a kind that this webdyno does not know: {shown(kind):.40}", _UPGRADE)
    if number not in readers:
        raise StoreError(f"{where} has schema {number}, this webdyno reads up to {max(readers)}", _UPGRADE)
    try:
        read = readers[number](without_analysis(document))
    except ValidationError as error:
        remedy = f"take another copy, or measure again: webdyno {'compare' if kind == 'comparison' else kind}"
        raise StoreError(f"{where} is damaged: {first_fault(error)}", remedy) from error
    _check_designs(read, where)
    return read


def _check_designs(kept: Kept, where: str) -> None:
    for name in (run.experiment.design for run in runs_of(kept)):
        if name not in DESIGN_NAMES:
            raise StoreError(f"{where} has a design that this webdyno does not know: {shown(name):.40}", _UPGRADE)


def read_run(document: Json, where: str) -> Run:
    """As `read_kept`, of a comparison.

    Raises:
        StoreError: as there, or it is of another kind.
    """
    read = read_kept(document, where)
    if not isinstance(read, Run):
        raise StoreError(f"{where} is no comparison but a {read.document}", "give another one: webdyno runs")
    return read
