"""What is set from outside, by environment variables."""

import os

UPSTREAM = os.environ.get("WEBDYNO_UPSTREAM", "").rstrip("/")
"""The URL of the upstream; where it is empty, `/fanout` answers 503."""

STATS_INTERVAL_S = float(os.environ.get("WEBDYNO_STATS_INTERVAL_S", "10"))
"""Seconds between two samples of `/stats`."""
