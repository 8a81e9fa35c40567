"""What a user would pick instead: installed apart, asked the same, checked against Dijkstra."""
