"""Why a trial, a stack or a run is not valid, or needs care."""

from __future__ import annotations

_NOT_COMPARED = "in {blocks:count} of {of:count} blocks"

VALIDITY = {
    # The load generator.
    "generator-limited.busy": "{who} was busy for {busy:percent} of the time: it was the limit, not the server",
    "generator-limited.share": "{who} paused for {gap_s:duration}, {share:percent} of the time",
    "generator-limited.gap": "{who} paused for {gap_s:duration}",
    "core-shared": "{who} waited {share:percent} of the time for a core that others used",
    "ports-exhausted": "this machine had no local port left for {count:count} connections: the server never saw them",
    "descriptors-exhausted": (
        "the load generator had no descriptor left for {count:count} connections: the server never saw them"
    ),
    "slow-templates": "filling in the requests took {share:percent} of the time: throughput is lower by up to this",
    "lag": "the load generator was overloaded: 1 % of sends were late by more than {late_ms:ms}",
    "lag.moved": "the load generator was late: without that, {figures:list}",
    "lag.figure": "{name} would be about {prompt_ms:ms}, not {shown_ms:ms}",
    "rate-missed": "the load generator never sent {unsent:percent} of the requests: the offered rate was not reached",
    # What the load tool leaves out.
    "responses-unchecked": (
        "{driver} held responses against {against} only: any body and other status counts as successful"
    ),
    "generator-unwatched": "{driver} does not report what it used itself: whether it was the limit is not known",
    "lag-untold": "{driver} does not report how late it sent: times and rate may look better than they were",
    "times-untold": "{driver} does not report how long responses took: there are no percentiles",
    "times-mixed": "{driver} times wrong responses as well: {wrong:count} of {times:count} times are theirs",
    "driver-untold": "{driver} does not report {what:all}: that is not judged",
    # The server.
    "no-answers": "not one successful response in {window_s:duration}",
    "less-work": "the server did less than asked: {why}",
    "stuck-connections": (
        "about {stuck:plain} of {connections} connections waited for responses that never came within "
        "{timeout_s:duration}"
    ),
    "short-window": (
        "responses take {mean_s:duration} on average, too long for windows of {window_s:duration} to show small "
        "differences"
    ),
    "littles-law": "Little's law is off by {off:percent}: counts and times do not agree",
    "server-not-limit.core": (
        "the server used only {use:percent} of a core at saturation: it waited, or others had the CPU"
    ),
    "server-not-limit.cores": (
        "the server used only {use:rough} of {cores} cores at saturation: it waited, or others had the CPU"
    ),
    "overloaded": "the server did not keep up with {asked}: {signs:list}",
    "busy-idle": (
        "it kept {use:percent} of a core busy while other stacks were loaded; beyond its timers that is "
        "{share:percent} of what its own windows took"
    ),
    "worker-lost": "{count:plural(a process|# processes)} of the server ended while it was measured",
    "worker-lost.renewed": (
        "{count:plural(a process|# processes)} of the server ended while it was measured, and "
        "{count:plural(another|others)} began, without a failed request"
    ),
    "worker-imbalance": "one of {workers} workers did {share:percent} of the work, where {fair:percent} is its share",
    # The machine.
    "steal": "the hypervisor took {share:percent} of the CPU time away (steal)",
    "throttled": "the CPU quota of the control group ran out for {share:percent} of the time",
    "environment-changed": "{what:and} changed since its first block",
    # Bodies of an app of one's own.
    "bodies-unread": "only the status of its responses is checked, not their bodies: {why}",
    "unexpected-bodies": (
        "of {looked:count} bodies that were looked into, {misshapen:count} were of another kind than the first ones"
    ),
    "unexpected-bodies.example": (
        "of {looked:count} bodies that were looked into, {misshapen:count} were of another kind than the first ones, "
        "such as {example}"
    ),
    "bodies-vary": ("bodies differ from response to response, so only status, media type and JSON shape are checked"),
    # A stack over all its trials.
    "not-measured.set-up": "set-up failed",
    "not-measured.pilot": "only the pilot was measured before the run ended",
    "not-measured.nothing": "nothing was measured at saturation before the run ended",
    "no-result": "{why}",
    "no-result.unknown": "ended without a result",
    "unstable-server": "{lost} of {of} trials ended without a result, the last: {last}",
    "errors": "{share:percent} of the requests failed: {cause}",
    "errors.few": "{share:percent} of the requests failed ({count:count}): {cause}",
    "errors.sample": '{what} (such as "{sample}")',
    "unanswered": "{count:count} of the requests had no response when the trial ended",
    "much-output": "the log was {size:bytes}, the first and last part were kept: writing that much costs time too",
    "unequal": "{note}",
    "already-running": (
        "already running: no block starts a fresh process, so variation between starts is not in the intervals; "
        "webdyno binds it to no CPU, and others may use it meanwhile"
    ),
    "unseen-processes": "processes unknown, so there is no CPU per request and no memory",
    "reconnects": "{share:percent} of the requests needed a new connection",
    "few-samples": "no p99: {count:count} responses at the fixed rate, {needed:count} needed",
    "beyond-timeout": "no p99: more than 1 % of the requests at the fixed rate had no response in time",
    "p50-unanswered": f"p50 is not compared: {_NOT_COMPARED} it lies among the requests without a response",
    "p99-unanswered": f"p99 is not compared: {_NOT_COMPARED} it lies among the requests without a response",
    "times-overloaded": (
        f"response times are not compared: {_NOT_COMPARED} requests piled up, so that times grow with the "
        "window's length"
    ),
    "failed-trials": "{failed} of {of} trials failed: {what}",
    "other-blocks-only": "{what}; the figures stand on the other blocks only",
    # The whole run.
    "duet": "both ran at once on the same cores: CPU per request and memory can be compared, and nothing else",
    "interrupted": (
        "the run was interrupted: it stands on what was measured until then, and errs more often if figures were why"
    ),
    "failed": "the run ended early by an error: it stands on what was measured until then",
    "few-blocks.one": "one block gives no interval: nothing can be decided",
    "few-blocks": "only {blocks} blocks, so intervals are wide; {firm} or more make a firm verdict",
    "shared-cpu": "the load generator and the servers shared a CPU: each took time from the other",
    "not-pinned": "processes could not be bound to CPUs: the load generator may have disturbed the servers",
    "baseline-invalid": "{asked} has no valid result, so ratios refer to {instead} instead",
    "raised-margin": (
        "the difference that counts as none is raised from {margin:percent} to {raised:list}: this machine shows no "
        "smaller one in {measured_s:duration} (webdyno doctor, {when} UTC)"
    ),
}
