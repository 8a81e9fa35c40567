"""Tests of the road network, its readers, its file and snapping."""
