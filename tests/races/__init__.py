"""Several processes on one ledger, and processes and servers that die."""
