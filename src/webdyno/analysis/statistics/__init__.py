"""Estimates, intervals, tests and percentiles; they know numbers only."""
