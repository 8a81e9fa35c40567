"""From OpenStreetMap to a road network: what may be driven, how fast, and which turns."""
