"""The road network: frozen arrays, readers, speeds, snapping."""
