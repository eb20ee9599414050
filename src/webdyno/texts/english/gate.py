"""What a gate says of its limits and its sides."""

from __future__ import annotations

GATE = {
    "gate.title": "webdyno gate: {outcome}",
    "gate.title.open": "webdyno gate: {outcome}, {count:plural(1 limit|# limits)} INCONCLUSIVE",
    "gate.confirming": "beyond {limits:list}: measuring once more to confirm it",
    "gate.outcome.passed": "passed",
    "gate.outcome.regression": "regression",
    "gate.outcome.inconclusive": "INCONCLUSIVE",
    "gate.outcome.not measured": "could not be measured",
    "gate.state.passed": "within",
    "gate.state.regression": "regression",
    "gate.state.not confirmed": "not confirmed",
    "gate.state.inconclusive": "INCONCLUSIVE",
    "gate.state.not measured": "not measured",
    # What a limit comes to.
    "change": "{change:change} ({level:level} CI {low:points} to {high:change}, {blocks:plural(1 block|# blocks)})",
    "change.no-interval": "{change:change} ({blocks:plural(1 block|# blocks)})",
    "gate.passed": "{metric}: {found}: within the limit of {limit:limit}",
    "gate.regression": ("{metric}: {found}, measured again {again}: beyond the limit of {limit:limit} both times"),
    "gate.not-confirmed": (
        "{metric}: {found}, measured again {again}: beyond the limit of {limit:limit} the first time only, within it "
        "the second time"
    ),
    "gate.inconclusive": "{metric}: {found}: INCONCLUSIVE against the limit of {limit:limit}: {needs}",
    "gate.inconclusive.again": (
        "{metric}: {found}, measured again {again}: INCONCLUSIVE against the limit of {limit:limit}: {needs}"
    ),
    "gate.not-compared": "{metric}: could not be compared, so the limit of {limit:limit} was not checked",
    "gate.no-interval": (
        "{metric}: {found}: one valid block has no interval, so the limit of {limit:limit} was not checked"
    ),
    "gate.not-again": ("{metric}: {found}: beyond the limit of {limit:limit}, but it could not be measured again"),
    "gate.needs.longer": "the windows hold too few responses to rule it out, so give a longer --duration",
    "gate.needs.other-limit": ("too near to it for more blocks to decide, so change the limit or accept the change"),
    "gate.needs.blocks": "about {blocks:plural(1 more block|# more blocks)} would decide: {option}",
    "gate.needs.blocks-in": (
        "about {blocks:plural(1 more block|# more blocks)} ({seconds:roughly}) would decide: {option}"
    ),
    "option.blocks": "--blocks {blocks}",
    "option.max-time": "--max-time {seconds}s",
    # The sides.
    "gate.unusable": "{side} has no valid measurement: {why}",
    "gate.unusable.again": "{side} has no valid measurement when measured again: {why}",
    "gate.note.of": "{sides:list}: {what}",
    "gate.note.again": "measured again: {what}",
    "gate.packages.differ": "packages that differ: {packages:list}",
    "gate.packages.changed": "{package} {base} -> {head}",
    "gate.packages.none": "none",
    "gate.packages.same": "the same packages on both sides",
    "side.uncommitted": (
        "{files:plural(1 file has|# files have)} changes that are not committed, so they were not measured: a ref is "
        "what was committed"
    ),
    "side.still-listed": "git still lists a checkout that is gone: git worktree prune makes it forget",
    "side.filter": (
        "the git filter {driver} did not run, so files such as {file} are as git stores them; if the app needs them, "
        "{remedy}"
    ),
    "side.filter.unnamed": "without a name",
    "side.filter.install": "install it",
    "side.filter.trust": "give --trust-git to run it",
    "side.no-requirements": ("no requirements.txt or pyproject.toml in {sides:and}, so it ran in {python} ({why})"),
}
