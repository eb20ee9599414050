"""What sets a stack apart: what is noted of how it was set up."""

from __future__ import annotations

STACKS = {
    "measured-process": "its CPU and memory are those of the process {pid} ({name}) and all below it",
    "busy-before": (
        "these processes used {share:percent} of a core before webdyno asked anything: so much of their CPU time is "
        "not that of its requests"
    ),
    "interpreter": "interpreter: {python} ({why})",
    "python.asked": "as asked",
    "python.project": "the project's",
    "python.project-not-active": "the project's, not that of the active {active}",
    "python.active": "of the active environment",
    "python.own": ("webdyno's own: the project has no .venv and no environment is active; choose with --python PATH"),
    "found-in": "{app} was found in {folder}",
    "factory": "{app} is a factory: each worker calls {call}",
    "server-in-front": "{server} {version} was put in front of the app's own packages",
    "server-in-front.replacing": "{server} {version} was put in front of the app's own packages, with {replaced:list}",
    "package-replaced": "{package} {version} in place of {own}",
    # Variables of --env.
    "variable.seed": "{name} of --env has no effect: webdyno sets one for each block, drawn from --seed",
    "variable.overridden": "{name} of --env has no effect on {server}: webdyno gives {flag}",
    "variable.of-server": "{name} of --env changes {server}",
    "variable.of-python": "{name} of --env changes Python itself",
    # Gunicorn's own configuration.
    "gunicorn.file-unused": "{file} of the working folder was not used: ?config={file} uses it",
    "gunicorn.settings": "{source} sets {settings:list}",
    "gunicorn.overridden": (
        "{settings:list} of {source} {count:plural(has|have)} no effect: webdyno gives {given:list}; ask for it in the "
        "notation"
    ),
    # Servers and wrappers.
    "server.granian-thread": (
        "granian runs WSGI apps in one thread here, as all servers do; by default it takes up to 512"
    ),
    "server.gunicorn-closes": (
        "gunicorn's sync worker closes every connection after its response: each request opens a new one"
    ),
    "server.gunicorn-parser": (
        "gunicorn's asgi worker parses HTTP in pure Python here, without the package gunicorn_h1c"
    ),
    "server.hypercorn-pool": (
        "hypercorn runs WSGI apps in asyncio's own thread pool (CPUs + 4 threads), which cannot be set"
    ),
    "server.waitress-thread": "waitress runs the app in one thread here, as all servers do; by default it takes 4",
    "wrapper.asgiref": "asgiref's WsgiToAsgi runs a WSGI app in one thread",
    "wrapper.a2wsgi": "a2wsgi's WSGIMiddleware runs a WSGI app in up to 10 threads",
}
