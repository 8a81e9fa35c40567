"""What mutmut found: its report, and why each surviving mutant may live."""
