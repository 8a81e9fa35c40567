"""Tests of `unarmed_router.kernels`."""
