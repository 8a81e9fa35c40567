"""Tests of `unarmed_router.dispatch`."""
