"""Exact road travel times between positions on the network."""
