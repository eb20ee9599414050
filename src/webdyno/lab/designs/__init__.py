"""Designs: how the stacks of a run share its time, each in a file of its own."""
