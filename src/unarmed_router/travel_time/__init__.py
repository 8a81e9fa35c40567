"""Exact road travel times between road positions; knows arrays, not where they come from."""
