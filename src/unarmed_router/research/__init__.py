"""What a routed day looks like, for people: the map page."""
