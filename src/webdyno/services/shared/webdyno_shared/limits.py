"""Limits of the contract, the same for every service."""

JSON_BYTES = 1024 * 1024
"""A JSON body may be this long; a longer one is answered with 413."""

UPLOAD_BYTES = 16 * 1024 * 1024
"""A multipart body may be this long, all its parts together."""

UPSTREAM_CALLS = 100
"""Calls to the upstream that one process has under way at most, in every mode: its connections and its threads."""

UPSTREAM_TIMEOUT_S = 10.0

JOB_THREADS = 32
"""Jobs that one process does at the same time, where the framework has no way of its own and threads do them."""
