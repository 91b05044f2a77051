"""What Landfall does, measured; each prints its table, and docs/benchmarks.md keeps what was seen."""
