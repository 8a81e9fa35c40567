"""Tests of `unarmed_router.simulation`."""
