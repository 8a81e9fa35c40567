"""Properties tried on random inputs by hypothesis."""
