"""Loads and how their rate changes."""

from __future__ import annotations

LOADS = {
    "load.closed": "closed, {connections:plural(1 connection|# connections)}",
    "load.open": "open, {arrivals} arrivals {profile}",
    "load.open.replay": "open, {profile}",
    "profile.even": "at {rate:exact}/s",
    "profile.ramp": "from {start:exact}/s to {end:exact}/s",
    "profile.steps": "at {steps:list}",
    "profile.step": "{rate:exact}/s for {seconds:exact} s",
    "profile.many-steps": "in {count} steps of up to {rate:exact}/s",
    "profile.burst": "in bursts of {size:count} every {every_s:exact} s",
    "profile.replay": "{count:count} recorded arrivals",
}
