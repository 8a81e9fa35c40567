"""Tests of `unarmed_router.fleet`."""
