"""Synthetic days: seeded calls, and teams that are busy while they serve them."""
