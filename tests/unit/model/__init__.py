"""Tests of `unarmed_router.model`."""
