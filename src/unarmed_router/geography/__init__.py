"""Where a point lies: divisions as an exact partition, and other reference systems."""
