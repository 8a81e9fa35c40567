"""The teams as they are now."""
