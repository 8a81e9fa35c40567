"""How much of races and crashes to run: a part in every run, all of it by `make thorough`."""

from __future__ import annotations

import os

__all__ = ["THOROUGH"]

THOROUGH = os.environ.get("UNARMED_ROUTER_THOROUGH") == "1"
