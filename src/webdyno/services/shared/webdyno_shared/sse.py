"""Server-sent events: how one is written."""

import json

HEADERS = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}


def event(data, name=None):
    """One event as text; `data` becomes JSON."""
    head = f"event: {name}\n" if name else ""
    return f"{head}data: {json.dumps(data)}\n\n"
