"""What the user's own configuration makes of Gunicorn: a file, and `GUNICORN_CMD_ARGS`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path

from ..errors import AppFailed, UsageError
from ..model.fact import Fact, fact
from ..model.run import StackRecord
from ..processes.guard import scratch_folder
from ..processes.run_to_end import base_environment, run
from ..texts.catalogue import as_note
from .entries import SERVICES
from .import_failure import shown_tail
from .inspection_answer import read_answer

DEFAULT_FILE = "gunicorn.conf.py"
ARGUMENTS = "GUNICORN_CMD_ARGS"
# Read by `services/settings/gunicorn.conf.py`.
_FILE = "WEBDYNO_GUNICORN_CONFIG"
_SCRIPT = SERVICES / "inspection" / "inspect_gunicorn.py"


def with_gunicorn_settings(record: StackRecord, limit_s: float) -> StackRecord:
    """A stack on Gunicorn with the file that `config=` names, and with notes on what is set beside the notation.

    webdyno's command line goes before both, so that workers and threads are those of the notation.

    Args:
        record: the stack.
        limit_s: seconds within which Gunicorn must have read them.

    Raises:
        UsageError: there is no such file, or it sends Gunicorn to the background.
        AppFailed: the file cannot be run.
    """
    asked, env = record.stack.option("config"), dict(record.env)
    notes: list[Fact] = []
    if asked:
        path = Path(record.cwd, asked).absolute()
        if not path.is_file():
            raise UsageError(
                f"there is no file {path}", f"config= is a path in the working folder, such as {DEFAULT_FILE}"
            )
        env[_FILE] = str(path)
    elif Path(record.cwd, DEFAULT_FILE).exists():
        notes.append(fact("gunicorn.file-unused", file=DEFAULT_FILE))
    if asked or ARGUMENTS in env:
        for source, settings in _read(record, env, limit_s).items():
            notes += _notes(asked if source == "file" and asked else ARGUMENTS, settings, record.argv)
    return record.model_copy(update={"env": env, "notes": (*record.notes, *map(as_note, notes))})


def _read(record: StackRecord, env: dict[str, str], limit_s: float) -> dict[str, dict[str, str]]:
    """The settings of `file` and `variable`, by name, as Gunicorn itself reads them."""
    with scratch_folder() as scratch:
        answer = scratch / "answer.json"
        command = [record.argv[0], str(_SCRIPT), str(answer)]
        outcome = run(command, env=base_environment() | env, cwd=Path(record.cwd), limit_s=limit_s)
        if outcome.code is None:
            raise AppFailed(
                f"Gunicorn's settings were not read within {limit_s:g} s",
                f"raise the limit: --start-timeout {2 * limit_s:g}s",
                shown_tail(outcome.output.splitlines()),
            )
        if not answer.exists():
            raise AppFailed(
                "Gunicorn's settings cannot be read",
                f"mend the file that config= names, or {ARGUMENTS}",
                shown_tail(outcome.output.splitlines()),
            )
        return read_answer(answer, dict[str, dict[str, str]], "Gunicorn's settings")


def _notes(source: str, settings: Mapping[str, str], argv: Sequence[str]) -> list[Fact]:
    if settings.get("daemon") == "True":
        raise UsageError(f"{source} sets daemon, by which Gunicorn leaves webdyno", "leave it out")
    given = {_setting(flag): f"{flag} {value}" for flag, value in pairwise(argv) if flag[:2] == "--"}
    taken = tuple(f"{name}={value}" for name, value in settings.items() if name not in given)
    passed = [name for name in settings if name in given]
    notes = [fact("gunicorn.settings", source=source, settings=taken)] if taken else []
    if passed:
        theirs = tuple(f"{name}={settings[name]}" for name in passed)
        ours = tuple(given[name] for name in passed)
        count = len(passed)
        notes.append(fact("gunicorn.overridden", settings=theirs, source=source, count=count, given=ours))
    return notes


def _setting(flag: str) -> str:
    name = flag[2:].replace("-", "_")
    return "keepalive" if name == "keep_alive" else name
