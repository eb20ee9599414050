"""Benchmarks of webdyno itself."""
