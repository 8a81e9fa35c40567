"""One fresh process each: import, load, first route; run by `benchmarks/test_cold_start.py`."""
