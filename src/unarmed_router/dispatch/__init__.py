"""The decision: triage, screening, ranking. Pure: no clock, file, log, randomness or global."""
