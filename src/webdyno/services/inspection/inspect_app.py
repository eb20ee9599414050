"""Look at a user's app inside the interpreter that will serve it: WSGI or ASGI, and which packages are there.

Needs nothing but Python 3.8 and `webdyno_load`: `python inspect_app.py TARGET ANSWER_FILE HANG_FILE SECONDS CLASSES`,
where TARGET is as `load` takes it, and CLASSES a JSON object: the interface of apps that are known by their class, by
`module.Class`. Writes one JSON object to ANSWER_FILE: `python`, `packages`, `site`, `files` (what was imported of its
own), `interface` (`wsgi`, `asgi`, one of CLASSES or null), `called` (it is a factory and was called), `problem` (why
the interface is null; `import` where a traceback says it), `untold` (only the user can know the interface), `traceback`
(lines), `apps` (what else the module has that is an app). After SECONDS it gives up and leaves in HANG_FILE where the
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
from importlib import metadata

import webdyno_load

WITH_OWN_SERVER = {}  # CLASSES
# By the package that they come from: callable or not, no server can run them by themselves.
PARTS = {
    ("flask", "Blueprint"),
    ("quart", "Blueprint"),
    ("sanic", "Blueprint"),
    ("fastapi", "APIRouter"),
    ("litestar", "Router"),
    ("aiohttp", "RouteTableDef"),
}
# Apps although they are parts by their base: Litestar is a Router.
WHOLE = {("litestar", "Litestar")}
FACTORY_NAME = re.compile(r"^(create|make|build|get|init|new)_|factory")
PROTOCOL = {"environ", "start_response", "scope", "receive", "send"}
FACTORY = "it takes no arguments: a factory"
ASYNC_FACTORY = "it is an async factory, which no server awaits: make the app in a plain function"
UNTOLD = "its arguments do not tell: WSGI takes environ, start_response; ASGI takes scope, receive, send"
MOST_APPS = 5
MOST_FILES = 2000
MOST_LINES, LONGEST_LINE = 500, 500


def main(target, answer_file, hang_file, seconds):
    answer = {"interface": None, "called": False, "problem": None, "traceback": [], "apps": []}
    with open(hang_file, "w") as hang:  # noqa: PTH123 - the shortest way that faulthandler takes
        # Its own thread, without the GIL: it fires whatever the import does.
        faulthandler.dump_traceback_later(seconds, exit=True, file=hang)
        try:
            look(target, answer)
        except BaseException as error:  # noqa: BLE001 - an app may even raise SystemExit; all of it is reported
            answer["problem"] = "import"
            answer["traceback"] = own_frames(error)
        faulthandler.cancel_dump_traceback_later()
    if answer["problem"]:
        answer["apps"] = apps_of(target.partition(":")[0])
    answer["untold"] = answer["problem"] == UNTOLD
    answer.update(python=platform.python_version(), packages=packages(), site=site_folders(), files=own_files())
    with open(answer_file, "w") as file:  # noqa: PTH123
        json.dump(answer, file)


def look(target, answer):
    """Import it, and call it where that is what a server would have to do."""
    app = webdyno_load.load(target)
    interface, problem = interface_of(app)
    if problem == FACTORY and "(" not in target:
        answer["called"] = True
        interface, problem = interface_of(app())
        if problem:
            problem = "it is a factory, and of what it returns is to say: " + problem
    answer["interface"], answer["problem"] = interface, problem


def interface_of(app):
    """The interface, or None and the reason."""
    if inspect.ismodule(app):
        return None, "it is a module"
    if inspect.isclass(app):
        return None, "it is a class: name an instance of it, or write its call with ()"
    if inspect.iscoroutine(app):
        app.close()
        return None, ASYNC_FACTORY
    for base in type(app).__mro__:
        if f"{base.__module__}.{base.__name__}" in WITH_OWN_SERVER:
            return WITH_OWN_SERVER[f"{base.__module__}.{base.__name__}"], None
        package = base.__module__.partition(".")[0]
        if (package, base.__name__) in WHOLE:
            break
        if (package, base.__name__) in PARTS:
            return None, f"it is {article(base.__name__)} of {package}, a part of an app: name the app that includes it"
    if not callable(app):
        return None, f"it is {article(type(app).__name__)}, which cannot be called"
    return by_arguments(app)


def article(name):
    return ("an " if name[0] in "AEIOUaeiou" else "a ") + name


def by_arguments(app):
    """The interface of something that can be called, or None and the reason."""
    call = app if inspect.isroutine(app) else type(app).__call__
    coroutine = inspect.iscoroutinefunction(app) or inspect.iscoroutinefunction(call)
    needed, least, most = arguments_of(app)
    # Not with *args, behind which an app may stand that would then run without a request.
    if not needed and most < 99:
        return None, (ASYNC_FACTORY if coroutine else FACTORY)
    if inspect.isroutine(app) and is_factory(app, needed):
        return (
            None,
            f"it is a function that must be given {', '.join(needed)}: write the call of a factory",
        )
    wsgi, asgi = least <= 2 <= most and not coroutine, least <= 3 <= most
    if wsgi and asgi and least == 2:
        asgi = False
    elif wsgi and asgi:
        wsgi, asgi = hasattr(app, "wsgi_app"), hasattr(app, "asgi_app")
    if wsgi != asgi:
        return ("wsgi" if wsgi else "asgi"), None
    if (least, most) == (1, 1):
        return None, "it takes one argument, as the ASGI 2 apps of before 2019 do; ASGI 3 takes scope, receive, send"
    return None, UNTOLD


def arguments_of(app):
    """The names of what it must be given, and how few and how many positional arguments it takes."""
    try:
        parameters = list(inspect.signature(app).parameters.values())
    except (TypeError, ValueError):
        return [], 0, 99
    positional = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    needed = [p.name for p in parameters if p.default is p.empty and p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]
    least = sum(p.default is p.empty for p in positional)
    return needed, least, 99 if any(p.kind is p.VAR_POSITIONAL for p in parameters) else len(positional)


def is_factory(function, needed):
    """Whether a function that must be given something makes an app rather than being one."""
    if not needed or PROTOCOL.intersection(needed):
        return False
    return len(needed) not in (2, 3) or FACTORY_NAME.search(function.__name__) is not None


def apps_of(name):
    """What a module has that can be named as an app, the usual names first."""
    found = vars(sys.modules[name]) if name in sys.modules else {}
    own = [key for key, value in found.items() if key[0] != "_" and is_named(key, value, name)]
    usual = {"app": 0, "application": 1}
    return sorted(own, key=lambda key: usual.get(key, 2))[:MOST_APPS]


def is_named(key, value, module):
    """Whether it is an app, or a factory by its name; functions count where they were written."""
    try:
        interface, problem = (None, None) if inspect.iscoroutine(value) else interface_of(value)
    except Exception:  # noqa: BLE001 - whatever some object of the user's module does when it is looked at
        return False
    if not inspect.isroutine(value):
        return interface is not None
    if getattr(value, "__module__", None) != module:
        return False
    if interface:
        return PROTOCOL.issuperset(arguments_of(value)[0])
    return problem == FACTORY and FACTORY_NAME.search(key) is not None


def own_frames(error):
    """The traceback without this script's frames and those of the import system, its last lines, each cut."""
    summary = traceback.TracebackException.from_exception(error)
    ours = (__file__, webdyno_load.__file__, importlib.__file__)
    link = summary
    while link is not None:
        kept = [frame for frame in link.stack if frame.filename not in ours and "<frozen " not in frame.filename]
        link.stack = traceback.StackSummary.from_list(kept)
        link = link.__cause__ or link.__context__
    lines = "".join(summary.format()).splitlines()[-MOST_LINES:]
    # A message may hold what no JSON can.
    return [line[:LONGEST_LINE].encode("utf-8", "backslashreplace").decode() for line in lines]


def packages():
    found = {}
    for distribution in metadata.distributions():
        name, version = map(distribution.metadata.get, ("Name", "Version"))
        if name and version:
            # The first one on the path is the one that is imported.
            found.setdefault(re.sub(r"[-_.]+", "-", name).lower(), version)
    return found


def site_folders():
    paths = sysconfig.get_paths()
    folders = [paths["purelib"], paths["platlib"], *site.getsitepackages()]
    if site.ENABLE_USER_SITE:
        folders.append(site.getusersitepackages())
    return [folder for folder in dict.fromkeys(folders) if os.path.isdir(folder)]  # noqa: PTH112


def own_files():
    """The Python files that were imported, but for those of packages, of Python and of this script."""
    paths = sysconfig.get_paths()
    others = [paths["stdlib"], paths["platstdlib"], *site_folders(), os.path.dirname(webdyno_load.__file__)]  # noqa: PTH120
    others = tuple(os.path.join(os.path.realpath(folder), "") for folder in others)  # noqa: PTH118
    named = [getattr(module, "__file__", None) for name, module in list(sys.modules.items()) if name != "__main__"]
    files = {os.path.realpath(file) for file in named if isinstance(file, str) and file.endswith(".py")}
    return sorted(file for file in files if not file.startswith(others))[:MOST_FILES]


if __name__ == "__main__":
    # What `python -m SERVER` puts there: the working folder, not this script's.
    sys.path[0] = os.getcwd()  # noqa: PTH109
    WITH_OWN_SERVER.update(json.loads(sys.argv[5]))
    main(sys.argv[1], sys.argv[2], sys.argv[3], float(sys.argv[4]))
    sys.stdout.flush()
    sys.stderr.flush()
    # Threads that the app left running must not keep this process.
    os._exit(0)
