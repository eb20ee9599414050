"""What the bodies of a user's own app were: told, and never held against it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ...model.fact import fact
from ...model.run import StackRecord
from ...model.trial import Trial
from ...units import printable
from .reason import ValidityReason

EXACT = fact("expect-exactly")


def body_reasons(record: StackRecord | None, trials: Sequence[Trial]) -> Iterator[ValidityReason]:
    """Whether bodies varied, were of another kind than the first ones, or were not looked into at all.

    Args:
        record: how the stack ran; None where it could not be set up.
        trials: all of the stack.
    """
    expected = record.expected if record else None
    if expected and expected.unread:
        what = fact("bodies-unread", why=printable(expected.unread))
        yield ValidityReason(name="bodies-unread", severity="caution", what=what)
    # Of a load tool that looks into none, `responses-unchecked` speaks.
    if any(trial.result and trial.result.driver.checked != "all" for trial in trials):
        return
    seen = [trial.result.bodies for trial in trials if trial.result]
    looked, misshapen = sum(one.looked for one in seen), sum(one.misshapen for one in seen)
    misfits = [misfit for one in seen for misfit in one.misfits]
    if misshapen:
        what = fact("unexpected-bodies", looked=looked, misshapen=misshapen)
        if misfits:
            example = printable(misfits[0])
            what = fact("unexpected-bodies.example", looked=looked, misshapen=misshapen, example=example)
        yield ValidityReason(name="unexpected-bodies", severity="caution", what=what, advice=fact("expect-json"))
    elif any(one.varied for one in seen) or (expected and len(expected.examples) > 1):
        yield ValidityReason(name="bodies-vary", severity="caution", what=fact("bodies-vary"), advice=EXACT)
