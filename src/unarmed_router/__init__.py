"""Send a crisis call to the nearest eligible unarmed team."""
