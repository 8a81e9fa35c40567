"""Memory of a service after a call in each hour of a week, and what a full collection takes.

``python -m benchmarks.service_memory --budget 200`` keeps 200 MiB of hourly travel times. Reads the
resident memory of Linux, so it runs there only.
"""

from __future__ import annotations

import argparse
import gc
import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from unarmed_router import Call, Router

MONDAY = datetime(2026, 1, 5, 8, tzinfo=UTC)
HOURS = 168


def resident_mib() -> float:
    """Return the memory of this process that is in use now, not its peak."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def collected_ms() -> float:
    """Time the quickest of three full collections."""
    taken = []
    for _ in range(3):
        begun = time.perf_counter()
        gc.collect()
        taken.append(time.perf_counter() - begun)
    return 1000.0 * min(taken)


def main() -> None:
    """Route one call in each hour with the embedded agency."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--budget", type=int, default=2048, help="MiB; 2048 by default")
    router = Router.load(metrics_budget=parser.parse_args().budget * 2**20)
    print(f"loaded: {resident_mib():.0f} MiB; a full collection {collected_ms():.3f} ms", end="")
    gc.freeze()
    print(f", after gc.freeze() {collected_ms():.3f} ms")
    asked = dict.fromkeys(router.agency.world.policy.facts, "no")
    for hour in range(HOURS):
        at = MONDAY + timedelta(hours=hour)
        call = Call(
            call_id="1", lon=-118.309, lat=34.0606, call_type="welfare_check",
            received_at=at, facts=asked,
        )  # fmt: skip
        assert router.route(call, at=at).kind == "recommendation"  # else nothing timed
    print(f"after a week: {resident_mib():.0f} MiB")


if __name__ == "__main__":
    main()
