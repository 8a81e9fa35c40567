"""Tests of the benchmark suite itself; they time nothing."""
