"""Benchmarks: one file a path, peers beside us in the same run; no timing gates a test."""
