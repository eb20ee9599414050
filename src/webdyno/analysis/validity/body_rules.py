"""What the bodies of a user's own app were: told, and never held against it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ...model.run import StackRecord
from ...model.trial import Trial
from ...units import printable
from .reason import ValidityReason

EXACT = "to check more, give --expect-json PATH=VALUE or --expect-body"


def body_reasons(record: StackRecord | None, trials: Sequence[Trial]) -> Iterator[ValidityReason]:
    """Whether bodies varied, were of another kind than the first ones, or were not looked into at all.

    Args:
        record: how the stack ran; None where it could not be set up.
        trials: all of the stack.
    """
    expected = record.expected if record else None
    if expected and expected.unread:
        sentence = f"only the status of its responses is checked, not their bodies: {printable(expected.unread)}"
        yield ValidityReason(name="bodies-unread", severity="caution", sentence=sentence, remedy="")
    # Of a load tool that looks into none, `responses-unchecked` speaks.
    if any(trial.result and trial.result.driver.checked != "all" for trial in trials):
        return
    seen = [trial.result.bodies for trial in trials if trial.result]
    looked, misshapen = sum(one.looked for one in seen), sum(one.misshapen for one in seen)
    misfits = [misfit for one in seen for misfit in one.misfits]
    if misshapen:
        how = f", such as {printable(misfits[0])}" if misfits else ""
        of = f"of {looked:,} bodies that were looked into, {misshapen:,}"
        sentence = f"{of} were of another kind than the first ones{how}"
        yield ValidityReason(
            name="unexpected-bodies",
            severity="caution",
            sentence=sentence,
            remedy="ask it by hand; --expect-json PATH=VALUE makes such a response an error",
        )
    elif any(one.varied for one in seen) or (expected and len(expected.examples) > 1):
        sentence = "its bodies differ from response to response, so only status, media type and JSON shape are checked"
        yield ValidityReason(name="bodies-vary", severity="caution", sentence=sentence, remedy=EXACT)
