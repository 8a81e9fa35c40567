"""What README, docs and docstrings promise."""
