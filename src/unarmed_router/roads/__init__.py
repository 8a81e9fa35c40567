"""Road networks: readers, the network itself, its file, speeds by the hour, snapping."""
