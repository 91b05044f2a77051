"""Measures what Landfall does: each part prints a table; docs/benchmarks.md keeps the results."""
