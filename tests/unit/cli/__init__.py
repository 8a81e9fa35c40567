"""Tests of `unarmed_router.cli`."""
