"""Tests of `unarmed_router.ledger`."""
