"""`python -m webdyno`, and the command `webdyno`: signals are heard from here on, before anything large is imported."""

from __future__ import annotations

import sys

from .errors import Interrupted
from .lab.interruption import Interruption


def run() -> None:
    """Run the command and exit with its code, which no signal changes once the work is over."""
    # Never left: at the end of the interpreter a signal would count as it did at its beginning.
    interruption = Interruption().__enter__()
    try:
        from .cli import main

        main()
    except Interrupted:
        # It came while another error was being told, or before any could be.
        sys.exit(Interrupted.exit_code)
    except Exception as error:
        # Python before 3.12 wraps what is raised in a `__set_name__`, as many imports run one.
        if isinstance(error.__cause__, Interrupted):
            sys.exit(Interrupted.exit_code)
        raise
    finally:
        interruption.ignore_further()


if __name__ == "__main__":
    run()
