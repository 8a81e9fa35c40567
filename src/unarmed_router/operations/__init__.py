"""A shift: calls received, teams reserved, everything recorded."""
