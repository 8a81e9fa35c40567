"""Simulated shifts: calls drawn by a seed or replayed from a file, and crews that serve them."""
