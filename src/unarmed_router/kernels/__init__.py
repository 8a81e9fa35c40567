"""Compiled loops: arrays in, arrays out.

Only this package imports numba. A kernel knows no project type, opens no file and raises nothing:
its callers validate the input, and each kernel has a naive twin in ``tests/oracles``.
"""
