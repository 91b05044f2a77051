"""What Landfall does, measured: each prints a table; docs/benchmarks.md keeps what was seen."""
