"""Coverage, siting, queueing, scenarios and their reports: what a researcher asks of the router."""
