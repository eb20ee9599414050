"""Who answers: framework, server and process."""

import os
import platform
from importlib.metadata import PackageNotFoundError, version


def about(framework, lifespan):
    """The document of `GET /test-api`.

    Args:
        framework: its package, or None.
        lifespan: whether a start-up event has run in this process.
    """
    server = os.environ.get("WEBDYNO_SERVER")
    return {
        "framework": framework,
        "framework_version": _version_or_none(framework),
        "server": server,
        "server_version": _version_or_none(server),
        "python_version": platform.python_version(),
        "lifespan": lifespan,
        "pid": os.getpid(),
    }


def _version_or_none(package):
    try:
        return version(package) if package else None
    except PackageNotFoundError:
        return None
