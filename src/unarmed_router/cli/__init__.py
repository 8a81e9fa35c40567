"""The command line: ``unarmed-router``. Data goes to standard output, messages to standard error.

Exit codes: 0 a team is recommended (or the command did what it was asked), 3 a referral (or a check
of a ledger found a fault), 2 bad input, 1 a failure.
"""

from __future__ import annotations

from unarmed_router.cli.app import main

__all__ = ["main"]
