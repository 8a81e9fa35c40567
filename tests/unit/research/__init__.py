"""Tests of what a routed day looks like."""
