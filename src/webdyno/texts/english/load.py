"""Why one load is not valid, or needs care, where it is said otherwise than of a comparison's trial."""

from __future__ import annotations

LOAD = {
    "load.unanswered": "{count:count} of the requests had no response when the load ended",
    "load.warmup-failed": (
        "{count:count} requests of the warm-up failed or hung beyond it; they are in no other count"
    ),
    "load.errors": "{share:percent} of the requests failed ({count:count}): {cause}",
    "load.reconnects": "{share:percent} of the requests needed a new connection",
    "load.few-samples": "no p99: {count:count} responses, it needs {needed:count}",
    "load.beyond-timeout": "no p99: more than 1 % of the requests had no response in time",
    # Why a threshold cannot be held against its figure.
    "unknown.no-responses": "there was no successful response",
    "unknown.unanswered": "{count:plural(1 request|# requests)} had no response in time",
    "unknown.few-samples": "{count:plural(1 response|# responses)}, it needs {needed:count}",
    "unknown.beyond-timeout": "it lies among the requests without a response in time",
}
