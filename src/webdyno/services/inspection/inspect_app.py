"""Look at a user's app inside the interpreter that will serve it: WSGI or ASGI, and which packages are there.

Stands alone, needs nothing but Python 3.8: `python inspect_app.py MODULE:ATTRIBUTE ANSWER_FILE HANG_FILE SECONDS`.
Writes one JSON object to ANSWER_FILE: `python`, `packages`, `site`, `interface` (`wsgi`, `asgi`, `sanic`, `aiohttp` or
null), `problem` (why it is null), `traceback` (lines). After SECONDS it gives up and leaves in HANG_FILE where the
import hangs.
"""

import faulthandler
import importlib
import inspect
import json
import os
import platform
import re
import site
import sys
import sysconfig
import traceback
from functools import reduce
from importlib import metadata

WITH_OWN_SERVER = {("sanic.app", "Sanic"): "sanic", ("aiohttp.web_app", "Application"): "aiohttp"}


def main(target, answer_file, hang_file, seconds):
    module, _, attribute = target.partition(":")
    answer = {"interface": None, "problem": None, "traceback": []}
    with open(hang_file, "w") as hang:  # noqa: PTH123 - the shortest way that faulthandler takes
        # Its own thread, without the GIL: it fires whatever the import does.
        faulthandler.dump_traceback_later(seconds, exit=True, file=hang)
        try:
            app = reduce(getattr, attribute.split("."), importlib.import_module(module))
        except BaseException as error:  # noqa: BLE001 - an app may even raise SystemExit; all of it is reported
            answer["problem"] = "import"
            answer["traceback"] = own_frames(error)
        else:
            answer["interface"], answer["problem"] = interface_of(app)
        faulthandler.cancel_dump_traceback_later()
    answer.update(python=platform.python_version(), packages=packages(), site=site_folders())
    with open(answer_file, "w") as file:  # noqa: PTH123
        json.dump(answer, file)


def interface_of(app):
    """The interface, or None and the reason."""
    if inspect.isclass(app):
        return None, "it is a class; name an instance of it"
    for base in type(app).__mro__:
        if (base.__module__, base.__name__) in WITH_OWN_SERVER:
            return WITH_OWN_SERVER[base.__module__, base.__name__], None
    if not callable(app):
        return None, "it is a %s, which cannot be called" % type(app).__name__  # noqa: UP031
    call = app if inspect.isroutine(app) else type(app).__call__
    coroutine = inspect.iscoroutinefunction(app) or inspect.iscoroutinefunction(call)
    least, most = arity(app)
    wsgi, asgi = least <= 2 <= most and not coroutine, least <= 3 <= most
    if wsgi and asgi and least == 2:
        asgi = False
    elif wsgi and asgi:
        wsgi, asgi = hasattr(app, "wsgi_app"), hasattr(app, "asgi_app")
    if wsgi != asgi:
        return ("wsgi" if wsgi else "asgi"), None
    if (least, most) == (1, 1):
        return None, "it takes one argument, as the ASGI 2 apps of before 2019 do; ASGI 3 takes scope, receive, send"
    if most == 0:
        return None, "it takes no arguments: a factory, or a framework that has its own server; name the app it makes"
    return None, "its arguments do not tell: WSGI takes environ, start_response; ASGI takes scope, receive, send"


def arity(app):
    """How few and how many positional arguments it takes."""
    try:
        parameters = list(inspect.signature(app).parameters.values())
    except (TypeError, ValueError):
        return 0, 99
    positional = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    least = sum(p.default is p.empty for p in positional)
    return least, 99 if any(p.kind is p.VAR_POSITIONAL for p in parameters) else len(positional)


def own_frames(error):
    """The traceback without this script's frames and those of the import system."""
    summary = traceback.TracebackException.from_exception(error)
    ours = (__file__, importlib.__file__)
    link = summary
    while link is not None:
        kept = [frame for frame in link.stack if frame.filename not in ours and "<frozen " not in frame.filename]
        link.stack = traceback.StackSummary.from_list(kept)
        link = link.__cause__ or link.__context__
    return "".join(summary.format()).splitlines()


def packages():
    found = {}
    for distribution in metadata.distributions():
        name = distribution.metadata["Name"]
        if name:
            # The first one on the path is the one that is imported.
            found.setdefault(re.sub(r"[-_.]+", "-", name).lower(), distribution.version)
    return found


def site_folders():
    paths = sysconfig.get_paths()
    folders = [paths["purelib"], paths["platlib"], *site.getsitepackages()]
    if site.ENABLE_USER_SITE:
        folders.append(site.getusersitepackages())
    return [folder for folder in dict.fromkeys(folders) if os.path.isdir(folder)]  # noqa: PTH112


if __name__ == "__main__":
    # What `python -m SERVER` puts there: the working folder, not this script's.
    sys.path[0] = os.getcwd()  # noqa: PTH109
    main(sys.argv[1], sys.argv[2], sys.argv[3], float(sys.argv[4]))
    sys.stdout.flush()
    sys.stderr.flush()
    # Threads that the app left running must not keep this process.
    os._exit(0)
