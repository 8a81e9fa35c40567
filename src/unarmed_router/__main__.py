"""``python -m unarmed_router`` is the command line."""

from __future__ import annotations

import sys

from unarmed_router.cli import main

if __name__ == "__main__":
    sys.exit(main())
