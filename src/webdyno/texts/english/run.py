"""What is noted of a run while it is measured."""

from __future__ import annotations

RUN = {
    "no-open-load": "response times were not measured: {driver} sends no open load",
    "no-usable-stack": "no stack responded as expected in the pilot, so there is nothing to measure",
    "one-usable.alone": "only {stack} responded as expected in the pilot: it is measured alone",
    "one-usable.needs-both": "only {stack} responded as expected in the pilot: a {design} needs both",
    "no-fixed-rate": (
        "response times at a fixed rate were not measured: no stack responded without errors in the pilot"
    ),
    "longer-windows": (
        "responses take {mean_s:duration} on average, so the windows are {window_s:duration} long instead of "
        "{asked_s:duration}"
    ),
    "busy-when-idle": (
        "{stack} keeps {use:percent} of a core busy without a load, which would slow the others down: stacks are "
        "measured in turn, as with --in-turn"
    ),
    "little-memory": (
        "{room:bytes} of memory do not hold all stacks at the same time: each block starts them in {groups} groups, "
        "and windows alternate within each"
    ),
    "short-limit": "the time limit is too short for {blocks} blocks, which take about {about_s:plain} s in all",
    "nothing-open": (
        "run {run}: no block was added, since more would decide nothing that it asks; --blocks N adds N all the same"
    ),
    "continued.host": "{what}: {now} instead of {before}",
    "continued.unseen": "whether {stacks:and} is the same server as before is not known",
    "continued.sources": "whether the source files of {stacks:and} have changed is not known",
    "time-up": "time was up after {blocks:plural(1 block|# blocks)}",
    "not-continued": (
        "no block was added to run {run}: {stacks:and} no longer {count:plural(responds|respond)} as expected"
    ),
    "nothing-added": "no block was added to run {run}: {why}",
    "stopped-early": "stopped after {blocks} of {planned} blocks: another would exceed the time limit",
    "not-precise": "ended after {blocks} blocks, before +-{precision:percent} was reached: {ratios:list}",
    "not-precise.no-ratio": "no two stacks had a valid trial",
    "not-precise.no-interval": "{metric} of {stack} no interval",
    "not-precise.ratio": "{metric} of {stack} +-{half_width:percent}",
    "not-precise.ratio-and-blocks": (
        "{metric} of {stack} +-{half_width:percent}, about {more_blocks:plural(1 more block|# more blocks)}"
    ),
    "unlike-paths": "each kind of app is asked to work in its own way: {kinds:list}",
    "unlike-paths.kind": "{interfaces:and} apps {path}",
    "unlike-responses": "the responses of the stacks differ, so make sure that they do the same work: {stacks:parts}",
    "unlike-responses.stack": "{stack}: status {status}, {length}",
    "length.bytes": "{bytes} bytes",
    "length.varying": "varying length",
    "length.unread": "a body that is not looked into",
    "ended-early": "{why} after {trials} trials; what was measured is kept",
    "dependency-failed": "{why}; {trials:plural(1 trial|# trials)} before that are kept",
    "dependency-failed.output": (
        "{why}; {trials:plural(1 trial|# trials)} before that are kept; its last output: {lines:parts}"
    ),
    "looked.decided": "after {blocks:plural(1 block|# blocks)}: decided",
    "looked.order": "after {blocks:plural(1 block|# blocks)}: the order is known",
    "looked.no-order": (
        "after {blocks:plural(1 block|# blocks)}: the order is not known yet, about {left_s:plain} s left"
    ),
    "looked.undecided": "after {blocks:plural(1 block|# blocks)}: not decided yet, about {left_s:plain} s left",
    "not-stored-yet": "results cannot be stored for now: {why}",
    "not-stored": "this run could not be stored: {why}; {elsewhere}",
    "kept-in-file": "it is in {path}, see webdyno report {path}",
}
