"""Our runs beside those of other tools, on the same notebooks; ``python -m benchmarks`` prints ratios, never times."""
