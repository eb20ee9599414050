"""The text of a new experiment file: what is known of the app, and as comments what may be wanted next."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ..errors import UsageError
from ..units import printable


@dataclass(frozen=True)
class Draft:
    """What a file says.

    Attributes:
        app: what is measured, in words.
        stacks: notations; the first is the baseline.
        spare: further ones, as comments.
        others: notations of other apps, as comments, each with what it is.
        app_dir: folders that the app is imported from.
        python: its interpreter; None to find it.
        env: its variables, as they are written.
        start_timeout_s: None for the default.
    """

    app: str
    stacks: Sequence[str]
    spare: Sequence[str] = ()
    others: Sequence[tuple[str, str]] = ()
    app_dir: Sequence[str] = ()
    python: str | None = None
    env: Mapping[str, str] = field(default_factory=dict)
    start_timeout_s: float | None = None


def draft_text(draft: Draft) -> str:
    """The whole file.

    Raises:
        UsageError: a path cannot be written as text.
    """
    text = "\n".join([*_app(draft), "", *_COMMENTS, *_gate(draft)]) + "\n"
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise UsageError(
            "a path of the app is not UTF-8, which a webdyno.toml must be", "rename its folder, or link to it"
        ) from error
    return text


def _app(draft: Draft) -> list[str]:
    lines = [
        "# What webdyno measures here. Its keys are the options of `webdyno compare --help` without dashes in front;",
        "# what the command line says goes before.",
        "",
        f"# {printable(draft.app)}. The first stack is the baseline.",
        "stacks = [",
        *(f"    {_quoted(stack)}," for stack in draft.stacks),
        *(f"    # {_quoted(stack)}," for stack in draft.spare),
        "]",
    ]
    if draft.app_dir:
        folders = ", ".join(map(_quoted, draft.app_dir))
        lines.append(f"app-dir = {folders if len(draft.app_dir) == 1 else f'[{folders}]'}")
    if draft.python:
        lines.append(f"python = {_quoted(draft.python)}")
    if draft.env:
        lines.append(
            f"env = {{ {', '.join(f'{_quoted(name)} = {_quoted(text)}' for name, text in draft.env.items())} }}"
        )
    if draft.start_timeout_s is not None:
        lines.append(f"start-timeout = {draft.start_timeout_s!r}")
    if draft.others:
        lines += ["", "# Other apps that its sources seem to have; they were not tried:"]
        lines += [f"#     {printable(_quoted(app))}  ({printable(what)})" for app, what in draft.others]
    return lines


_COMMENTS = """\
# What is asked for, and what must come back.
# path = "/api/items"
# header = { Authorization = "Bearer ${env.TOKEN}" }
# status = 200

# For how long, and how many connections.
# max-time = "150s"
# connections = 32
""".splitlines()


def _gate(draft: Draft) -> list[str]:
    return [
        "",
        "# webdyno gate: is a change slower?",
        "# [gate]",
        f"# app = {_quoted(draft.stacks[0])}",
        '# base = "main"',
        '# head = "HEAD"',
        '# fail-if = ["cpu_per_request > +5%"]',
    ]


def _quoted(text: str) -> str:
    """A TOML string: JSON's escapes are TOML's as well, but that it wants one for DEL."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
