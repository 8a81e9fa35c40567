"""What a command's exit code says; README.md and the epilog of ``--help`` list them."""

from __future__ import annotations

__all__ = ["BAD_INPUT", "FAILURE", "INTERRUPTED", "NEGATIVE", "OK"]

OK, FAILURE, BAD_INPUT, INTERRUPTED = 0, 1, 2, 130

NEGATIVE = 3
"""The answer is no: a referral, a point outside every division, or a check that found a fault."""
