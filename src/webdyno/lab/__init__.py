"""Brings them together: trials, blocks, experiments."""
