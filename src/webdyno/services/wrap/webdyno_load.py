"""Import what `module:attribute` or `module:attribute(arguments)` names, as Gunicorn and Uvicorn do it.

Needs nothing but Python 3.8.
"""

import ast
import importlib
import os
import sys
from functools import reduce


def load(target):
    """The object; the result of the call where one is written, whose arguments must be literals."""
    # In front, as with Uvicorn's --app-dir; `-m SERVER` has put the working folder there.
    folders = [folder for folder in os.environ.get("WEBDYNO_APP_DIRS", "").split(os.pathsep) if folder]
    if sys.path[: len(folders)] != folders:
        sys.path[:0] = folders
    module, _, expression = target.partition(":")
    path, opened, arguments = expression.partition("(")
    found = reduce(getattr, path.split(".") if path else [], importlib.import_module(module))
    if not opened:
        return found
    call = ast.parse("f(" + arguments, mode="eval").body
    values = [ast.literal_eval(value) for value in call.args]
    return found(*values, **{named.arg: ast.literal_eval(named.value) for named in call.keywords})
