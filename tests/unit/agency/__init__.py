"""Tests of `unarmed_router.agency`."""
