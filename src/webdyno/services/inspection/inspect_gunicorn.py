"""Say what a user's configuration sets, in the interpreter that has Gunicorn: `python inspect_gunicorn.py ANSWER_FILE`.

Needs Python 3.8. Writes one JSON object to ANSWER_FILE: `file`, the settings of the file in WEBDYNO_GUNICORN_CONFIG,
and `variable`, those of GUNICORN_CMD_ARGS; each maps the name of a setting to its value as Python shows it.
"""

import json
import os
import runpy
import shlex
import sys

from gunicorn.config import Config


def main(answer_file):
    config = Config()
    answer = {"file": {}, "variable": {}}
    path = os.environ.get("WEBDYNO_GUNICORN_CONFIG")
    if path:
        answer["file"] = shown(config, runpy.run_path(path))
    given = vars(config.parser().parse_args(shlex.split(os.environ.get("GUNICORN_CMD_ARGS", ""))))
    answer["variable"] = shown(config, {name: value for name, value in given.items() if value is not None})
    with open(answer_file, "w") as file:  # noqa: PTH123
        json.dump(answer, file)


def shown(config, values):
    """Those that are settings; of a function only that there is one, of variables only their names."""
    return {
        name: "a function" if callable(value) else repr(names(value) if name == "raw_env" else value)[:100]
        for name, value in sorted(values.items())
        if name in config.settings
    }


def names(variables):
    """The values may be secrets."""
    return [str(variable).partition("=")[0] for variable in variables] if isinstance(variables, list) else "..."


if __name__ == "__main__":
    # As for Gunicorn, which has its working folder there.
    sys.path[0] = os.getcwd()  # noqa: PTH109
    main(sys.argv[1])
