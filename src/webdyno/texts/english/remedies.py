"""What to do about it."""

from __future__ import annotations

REMEDIES = {
    "calmer": "close what runs beside it, or measure more blocks",
    "calmer.see-without": (
        "close what runs beside it, or measure more blocks; --verbose and the HTML page tell the ratios without the "
        "disturbed ones"
    ),
    "free-core": "give the load generator a core of its own, or ask for less load",
    "more-processes": "share the load among more --processes, each with a core of its own, or ask for less load",
    "by-hand": "run it with `webdyno serve` and ask it by hand",
    "by-hand.url": "ask it by hand: curl -i {url}",
    "find-cause": "find the cause first: {how}",
    "own-driver": "leave out --driver: webdyno's own engine does it",
    "widen-ports": (
        "keep connections alive, widen net.ipv4.ip_local_port_range, "
        "or spread the load over more addresses of the server"
    ),
    "more-files": "allow more open files (ulimit -n), or use fewer connections",
    "fewer-templates": "use fewer or simpler templates",
    "fewer-templates.load": "use fewer or simpler templates, or share the load among more --processes",
    "begin-anew": "see to it and continue once more, or begin a new run: webdyno compare",
    "longer-limit": "allow more time: --max-time",
    "lower-rate": "ask for a lower rate with --rate",
    "lower-rate.or-longer": "ask for a lower rate with --rate, or measure longer",
    "less-load": "ask for less, or allow more connections with -c",
    "less-load.or-patience": "ask for less load, or give a longer --timeout",
    "honest": "mend the app: it must do the work for every request",
    "fewer-connections": (
        "{by_hand}; if that is answered, each connection may need a thread: fewer connections (-c) or more threads"
    ),
    "quiet": "measure on a quieter machine, or longer",
    "longer": "measure longer: -d {duration_s}s",
    "longer.or-blocks": "measure longer: --duration, --blocks",
    "longer.duration": "measure longer: --duration",
    "cpu-per-request": (
        "compare CPU per request; on a quiet machine, more connections, workers or threads may handle more"
    ),
    "in-turn": "measure one at a time: --in-turn",
    "worker-restarts": "see its output; switch off limits on requests per worker and time-outs that restart it",
    "spread-connections": "ask over more connections (-c), or choose a server that hands connections out evenly",
    "dedicated-cores": "use a machine with cores of its own (dedicated vCPUs), or measure at a quieter time",
    "leave-alone": "leave the app, its packages and the machine alone while it is measured",
    "raise-quota": "raise the container's CPU limit",
    "expect-exactly": "to check more, give --expect-json PATH=VALUE or --expect-body",
    "expect-json": "ask it by hand; --expect-json PATH=VALUE makes such a response an error",
    "see-notes": "see the notes of the run",
    "see-notes.or-go-on": "see the notes of the run, or let it go on to its end",
    "as-said": "{remedy}",
    "log-less": "let it log less, as in production, and measure again",
    "keep-connections": "choose a server or worker class that keeps connections",
    "keep-alive": "see why the server closes them: its keep-alive settings",
    "without-duet": "leave out --duet for throughput and response times",
    "more-blocks.two": "measure at least 2 blocks, better 10: --blocks 10",
    "more-blocks": "--blocks {blocks}",
    "restart-it": "restart it and measure again, to see how much a start changes; keep others off it meanwhile",
    "name-process": "name the root of its process tree after its URL: ,pid=4711",
    "two-cores": "use a machine with two cores or more",
    "on-linux": "measure on Linux",
    "other-baseline": "put another stack first",
    "doctor-again": "make the machine quieter, then run webdyno doctor again",
}
