"""Naive twins of the kernels; they share no code with them."""
