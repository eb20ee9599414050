"""How it was measured, as reports say it beside the figures."""

from __future__ import annotations

MEASURING = {
    "asked.in-turn": "{workload} ({request}): saturation with {connections} connections",
    "asked.in-turn-and-rate": (
        "{workload} ({request}): saturation with {connections} connections, then {rate:number} requests/s"
    ),
    "asked.duet": "{workload} ({request}): duet, both at once with {connections} connections each",
    "times.response": "response time",
    "times.service": "service time",
    "times.at-rate": "at {rate:rate}",
    "times.at-no-rate": "at no fixed rate",
    "times.at-saturation": "at saturation",
    "legend": "{parts:parts}",
    "legend.tie": "~ the same to within {margin:percent}",
    "legend.undecided": "? which is ahead is open",
    "legend.size": "* maybe by less than {margin:percent}",
    "legend.ratio": "ratio: of the {metric}",
    "no-valid-trial": "no valid trial",
    "how": "How it was measured",
    "probes": "Probes",
    "server-output": "{stack}: what its server said last",
    "how.verdicts": "verdicts at 5 % with a margin of {margin:percent}",
    "how.verdicts.margins": "verdicts at 5 % with a margin of {least:percent} to {most:percent}",
    "how.corrected": ("{what}, corrected (Holm) for {comparisons:plural(1 comparison|# comparisons)} of {metrics:and}"),
    "how.families": "{what}; the other metrics are a second family of {comparisons}",
    "how.precision": "blocks until every asked ratio is known to +-{precision:percent}, or time is up",
    "how.looks": "blocks until it was decided or time was up, looked at after {looks:and}",
    "how.quick": "blocks until the order of all stacks was known or time was up, looked at after {looks:and}",
    "how.continued": "blocks added on {at}, after {after:plural(1 block|# blocks)}",
    "how.continued.otherwise": "{what}; otherwise than before: {differences:parts}",
    "how.looks-again": (
        "looked at after {looks:and} blocks before: p-values allow for it, and ratios have intervals at {level:level}"
    ),
    "how.blocks": ("{blocks:plural(1 block|# blocks)} in random order (seed {seed}), {processes}; {windows}"),
    "windows.one": "windows of {window_s:duration} after {warmup_s:duration} of warm-up",
    "windows.alternating": (
        "{measured_s:duration} in {closed} windows (at the fixed rate {open}) that alternate between the stacks, "
        "after {warmup_s:duration} of warm-up"
    ),
    "windows.alternating.closed": (
        "{measured_s:duration} in {closed} windows that alternate between the stacks, after {warmup_s:duration} of "
        "warm-up"
    ),
    "how.processes.fresh": "each stack in a fresh process",
    "how.processes.some-fresh": "each stack in a fresh process, but for those that already ran",
    "how.processes.found": "on servers that already ran",
    "how.closed": "{figures}: {load}",
    "how.closed.by": "{figures}: {load}, sent by {driver}",
    "how.closed.duet": "CPU",
    "how.closed.only": "throughput and CPU, service time",
    "how.closed.and-rate": "throughput and CPU",
    "how.rate": "response time: {load}, from the intended moment of each request",
    "how.machine": ("{cpu}, {cores:plural(1 core|# cores)} ({where}), {memory:bytes}, {python}, webdyno {webdyno}"),
    "how.cpus": "servers on CPU {server}, load on CPU {load}: {apart}",
    "how.cpus.some": "servers that webdyno starts on CPU {server}, load on CPU {load}: {apart}",
    "how.cpus.load": "load on CPU {load}, servers not bound to any",
    "how.machine.apart": "apart",
    "how.machine.shared": "shared",
    "how.beside": "beside the stacks: {name} ({version}) at {address}, {where}",
    "how.beside.set": "beside the stacks: {name} ({version}; {settings:list}) at {address}, {where}",
    "how.beside.apart": "on CPU {cpus}, apart from servers and load",
    "how.beside.with-load": "on CPU {cpus} with the load",
    "how.beside.anywhere": "on any CPU",
    "how.run": "run {run}: {state}, {trials:plural(1 trial|# trials)} in {took_s:duration}",
}
