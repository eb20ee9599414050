"""The words of the HTML page that stand around figures, verdicts and reasons."""

from __future__ import annotations

PAGE = {
    "page.comparison": "comparison of {count:plural(1 stack|# stacks)}",
    "page.duet": "duet, both at once",
    "page.where": "{when} \N{MIDDLE DOT} {cpu}, {cores:plural(1 core|# cores)} \N{MIDDLE DOT} run {run}",
    "page.state.running": "This run is not over:",
    "page.state.interrupted": "This run was interrupted:",
    "page.state.failed": "This run failed:",
    "page.partial": "the figures are those that were measured until then.",
    "page.unanswered": "The main question is not answered:",
    "page.unanswered.metric": "there is no valid comparison of {metric}.",
    "page.footer": (
        "Run {run}, {state}, {when} \N{MIDDLE DOT} written by webdyno {webdyno} \N{MIDDLE DOT} this file needs no "
        "network and no other file"
    ),
    # Sections.
    "page.result": "Result",
    "page.charts": "Charts",
    "page.errors": "Errors",
    "page.validity": "Validity",
    "page.method": "Method",
    "page.stacks": "Stacks",
    "page.again": "Reproduce",
    "page.parts": "Which part makes the difference",
    "page.contrasts": "What one part is worth",
    "page.percentiles": "All percentiles",
    "page.failures": "Requests, failures and reconnects",
    "page.lost": "Trials without a result",
    "page.invalid": "Not valid: excluded from every average",
    "page.cautions": "Warnings: counted, but read this first",
    "page.notes": "Notes",
    "page.blocks": "Figures block by block",
    "page.stacks.ran": "The stacks as they ran",
    "page.environment": "Environment",
    # Heads of columns.
    "head.stack": "Stack",
    "head.throughput": "Requests/s",
    "head.ratio": "Ratio",
    "head.cpu": "CPU/request",
    "head.cpu-us": "CPU/request, \N{MICRO SIGN}s",
    "head.p50": "p50",
    "head.p50-ms": "p50, ms",
    "head.p99": "p99",
    "head.p99-ms": "p99, ms",
    "head.memory": "Memory",
    "head.peak-memory": "Peak memory",
    "head.errors": "Errors",
    "head.part": "Part",
    "head.factor": "Factor",
    "head.cost": "\N{MICRO SIGN}s of CPU per request, {stack}",
    "head.cost.short": "\N{MICRO SIGN}s, {stack}",
    "head.more": "Faster",
    "head.than": "Than",
    "head.time": "Time in ms",
    "head.requests": "Requests",
    "head.failed": "Failed",
    "head.share": "Share",
    "head.kinds": "By kind",
    "head.statuses": "By status",
    "head.unfinished": "Unfinished",
    "head.reconnects": "Reconnects",
    "head.block": "Block",
    "head.probe": "Probe",
    "head.phase": "Phase",
    "head.found": "Found",
    # In tables and lists.
    "tag.baseline": "baseline",
    "tag.invalid": "not valid",
    "tag.cautions": "{count:plural(1 note|# notes)}",
    "outcome.faster": "faster",
    "outcome.slower": "slower",
    "outcome.tie": "tie",
    "outcome.undecided": "inconclusive",
    "outcome.corrected": "not significant",
    "outcome.higher": "higher",
    "outcome.lower": "lower",
    "phase.pilot": "pilot",
    "phase.saturation": "saturation",
    "phase.rate": "rate",
    "phase.duet": "duet",
    "page.seen": "({parts:list})",
    "page.samples": "{stack} failed like this:",
    "page.explained": "{stack} has {ratio} the throughput of {against}:",
    "page.explained.sure": "{stack} has {ratio} ({interval}) the throughput of {against}:",
    "page.all-parts": "all together",
    # Explanations.
    "note.duet": (
        "CPU: both at the same time on the same cores ({load} for each); all else depends on what the other one leaves."
    ),
    "note.rate": (
        "Requests/s, CPU: at saturation ({load}). p50, p99: response time under the same load for all ({rate})."
    ),
    "note.saturation": "Requests/s, CPU: at saturation ({load}). p50, p99: service time at saturation.",
    "note.columns": (
        "Memory: peak resident memory of the process tree. Ratio: {metric} divided by the baseline's. Small print: "
        "the interval, or the ratio to the baseline."
    ),
    "note.size": "Higher, lower: known, but not whether by more than the margin.",
    "note.contrasts": (
        "Pairs of stacks that differ in one part and nothing else: throughput of the first divided by that of the "
        "second."
    ),
    "note.no-script": "The charts need JavaScript. The tables on this page hold the same figures.",
    "note.percentiles": (
        "Response time: at the fixed rate, from the moment a request was due. Service time: at saturation, from the "
        "send. A dash: too few requests to say."
    ),
    "note.happened": (
        "A trial is disturbed by what the machine was seen doing to it, whatever its figures are. The ratios without "
        "disturbed blocks are shown only: no verdict rests on them."
    ),
    "note.blocks": "A dash: the trial is missing, not valid, or has too few requests for the percentile.",
}

METHOD = {
    "unreadable": "could not be read",
    "term.request": "Request",
    "term.response": "Successful response",
    "term.cpu": "CPU",
    "term.closed": "Throughput and CPU",
    "term.duet": "Duet",
    "term.rate": "Response time",
    "term.windows": "Windows",
    "term.blocks": "Blocks",
    "term.continued": "Continued",
    "term.driver": "Load tool",
    "term.seed": "Seed",
    "term.time": "Time",
    "term.intervals": "Intervals",
    "term.verdicts": "Verdicts",
    "request": "{line}{details:row} (workload {workload})",
    "request.header": ", {name}: {value}",
    "request.body": ", body of {size:bytes}",
    "request.message": ", message of {size:bytes}",
    "request.wsgi": "; WSGI apps {method} {path}",
    "right.message": "the same message",
    "right.status": "status {status}",
    "right.first-status": "the status of the first response (2xx)",
    "right.body": "{status}, body {body}",
    "method.closed": "{load}: each sends its next request when the last one is answered",
    "method.duet": "both stacks at the same time on the same cores",
    "method.rate": "{load}; timed from the moment a request was due, so that waiting counts",
    "method.no-rate": "not measured",
    "method.windows": "{windows}; timeout {timeout_s:duration}",
    "method.blocks": "{done:count}; in each, {processes}, in random order",
    "method.blocks.of": "{done:count} of {planned:count} planned; in each, {processes}, in random order",
    "method.processes.all": "every stack ran in a fresh process",
    "method.processes.some": "what webdyno starts ran in a fresh process",
    "method.processes.none": "every stack was measured",
    "method.own-engine": "webdyno's own engine",
    "method.driver": "{driver}",
    "method.seed": "{seed}",
    "method.time": "{measured_s:duration} measuring, {setup_s:duration} set-up before it",
    "method.intervals": (
        "t-intervals over blocks, of 95 % where no other level is named; ratios from the mean log-ratio within blocks; "
        "percentiles from merged histograms, never averaged; verdicts are corrected for how many there are, "
        "intervals are not"
    ),
    # The machine.
    "term.plan": "CPU plan",
    "term.memory": "Memory",
    "term.system": "System",
    "term.virtualisation": "Virtualisation",
    "term.governor": "Frequency governor",
    "term.python": "Python",
    "term.dependency": "Dependency {name}",
    "term.dependency-command": "Command of {name}",
    "machine.cpu": "{cpu} ({architecture}), {cores} of {total} cores usable",
    "machine.memory": "{size:bytes}",
    "machine.system": "{system}, kernel {kernel}",
    "machine.fact": "{value}",
    "machine.python": "{python} (of webdyno {webdyno})",
    "plan.unbound": "processes could not be bound to CPUs",
    "plan.load": "load generator on CPU {load:list}; the servers already ran, and were not bound to any",
    "plan": "servers on CPU {server:list}, load generator on CPU {load:list}",
    "plan.shared": (
        "servers on CPU {server:list}, load generator on CPU {load:list} (shared: both take time from each other)"
    ),
    "plan.some": "servers that webdyno starts on CPU {server:list}, load generator on CPU {load:list}",
    "plan.some.shared": (
        "servers that webdyno starts on CPU {server:list}, load generator on CPU {load:list} (shared: both take time "
        "from each other)"
    ),
    # Each stack.
    "term.served": "Served",
    "term.address": "Address",
    "term.processes": "Processes",
    "term.folder": "Folder",
    "term.start-up": "Start-up",
    "term.lock": "Lock file",
    "served": "{interface} app",
    "served.as": "{interface} app, served as {other}",
    "served.wrapped": "{interface} app, wrapped and served as {other}",
    "served.running": "by a server that already ran",
    "served.process": "process {pid}, and all below it",
    "served.process-unknown": "not known",
    "served.start-up": "{seconds:duration} to the first response",
    "served.locked": "every package, by hash",
    "served.resolved": "not used: versions were resolved",
    # To measure it again.
    "again.measure": "Measure the same again, on this or another machine{details:row}:",
    "again.own": ", in the same folder, with the app's own --app-dir, --python, --env and --start-timeout",
    "again.secrets": ", with the masked secrets in the environment",
    "again.page": "Write this page again from the stored run; nothing is measured:",
    "again.json": "All figures as one JSON document:",
}
