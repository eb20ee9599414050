"""Whether a machine is fit to measure on: what was seen, whether it matters, what to do."""
