"""The shift as it stands: teams, open calls and the queue, and what may happen next."""
