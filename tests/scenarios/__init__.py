"""Decisions in cities drawn in ASCII, and in an invented city made of files."""
