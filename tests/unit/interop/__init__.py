"""Tests of `unarmed_router.interop`."""
