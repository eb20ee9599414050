"""What to do about an app that cannot be imported, from its own traceback."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..errors import AppFailed
from ..model.secret_rules import mask_text
from .app_settings import AppSettings
from .layout import ChosenPython

_SHOWN_LINES = 16
_NO_MODULE = re.compile(r"ModuleNotFoundError: No module named '([^']+)'")
# Of os.environ and Starlette's Config, pydantic's settings, environs, python-decouple and django-environ.
_NO_VARIABLE = re.compile(
    r"^KeyError|^[\w.]*(EnvError|UndefinedValueError|ImproperlyConfigured)\b"
    r"|validation errors? for \w*(settings|config)\w*\b|field required|environment variable|envvar",
    re.IGNORECASE | re.MULTILINE,
)


def import_failed(
    target: str, python: ChosenPython, settings: AppSettings, traceback: Sequence[str], others: str
) -> AppFailed:
    """The error for an app that raised while it was imported, or while its factory was called.

    Args:
        target: its import string, with the call where it was called.
        python: the interpreter that imported it.
        settings: the stack's own.
        traceback: its lines.
        others: the import strings of apps that its module has; empty where there are none.
    """
    error, cwd = _error(traceback), settings.cwd
    missing = _NO_MODULE.search(error)
    message = f"{target} cannot be imported" + (", or its call raises" if "(" in target else "")
    remedy = "mend what its own traceback shows, or name another MODULE:NAME"
    if missing and f"{target.partition(':')[0]}.".startswith(f"{missing[1]}."):
        places = " or ".join(map(str, settings.app_dirs or (cwd, cwd / "src")))
        remedy = f"{missing[1]} is not in {places}: name its folder with --app-dir DIR, or the Python that has it "
        remedy += "installed with --python PATH"
    elif missing and python.is_fallback:
        message += f" by webdyno's own interpreter, which has no {missing[1]}"
        remedy = (
            "name the Python that has your app's packages: --python PATH; none was found, as there is no .venv in "
            f"{cwd} or above it, and no environment is active"
        )
    elif missing:
        remedy = f"it was imported with {python.path}: choose another with --python PATH, its folder with --app-dir DIR"
    elif _NO_VARIABLE.search(error):
        remedy = "variables of your shell are not passed on: give those it needs with --env NAME=VALUE"
        if (cwd / ".env").exists():
            remedy += f"; webdyno does not read {cwd / '.env'}, only an app that does so itself sees it"
    elif error.startswith("FileNotFoundError"):
        remedy = f"relative paths lie in the working folder, {cwd}: give the command where you start your server"
    elif others and "has no attribute" in error:
        remedy = f"name {others}"
    return AppFailed(message, remedy, shown_tail(traceback))


def shown_tail(lines: Sequence[str]) -> tuple[str, ...]:
    """The last lines that say something, each of bearable length and without secrets."""
    told = [line[:300] for line in mask_text("\n".join(lines)).split("\n") if line.strip(" ^~")]
    return tuple(told[-_SHOWN_LINES:])


def _error(traceback: Sequence[str]) -> str:
    """What follows the last frame, without that frame's source: the exception, on one or more lines."""
    last = max((at for at, line in enumerate(traceback) if line.startswith("  File ")), default=-1)
    after = list(traceback[last + 1 :])
    begins = next((at for at, line in enumerate(after) if line and not line.startswith(" ")), 0)
    return "\n".join(after[begins:])
