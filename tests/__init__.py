"""The test suite: unit mirrors src, oracles are naive twins, scenarios are drawn cities."""
