"""Tests of the travel-time engines."""
