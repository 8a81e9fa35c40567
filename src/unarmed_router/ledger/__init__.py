"""What happened, in order, so that nothing acknowledged is ever lost."""
