"""What is set from outside, by environment variables."""

import os

UPSTREAM = os.environ.get("WEBDYNO_UPSTREAM", "").rstrip("/")
"""The URL of the upstream; where it is empty, `/fanout` answers 503."""

STATS_INTERVAL_S = float(os.environ.get("WEBDYNO_STATS_INTERVAL_S", "10"))
"""Seconds between two samples of `/stats`."""

CORS_ORIGIN = os.environ.get("WEBDYNO_CORS_ORIGIN", "")
"""The one foreign origin that may read the answers; empty for none, and then nothing is put into the request's way."""

GZIP = os.environ.get("WEBDYNO_GZIP") == "1"
"""Whether answers are compressed for those who accept it."""

DOCS = os.environ.get("WEBDYNO_DOCS") == "1"
"""Whether the interactive documents are shown, where the framework has them."""
