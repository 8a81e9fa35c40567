"""Peak memory of a stream of calls as it grows: drawn only, and written to a file.

``python -m benchmarks.stream_memory --calls 10000000`` draws that many; with ``--file`` it writes
them too, as Parquet or JSON Lines by the name.
"""

from __future__ import annotations

import argparse
import resource
import time
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from unarmed_router import Router
from unarmed_router.simulation.default_stream import agency_stream
from unarmed_router.simulation.stream_files import write_json_lines, write_parquet
from unarmed_router.simulation.streams import StreamedCall

START = datetime(2026, 1, 1, 8, tzinfo=UTC)
PER_DAY = 100_000.0
"""So that ten million calls take a hundred days and no calendar runs out."""


def told(stream: Iterable[StreamedCall], calls: int) -> Iterator[StreamedCall]:
    """Yield a stream, printing the peak of memory at each tenth of it and at powers of ten."""
    begun, marks = time.perf_counter(), {calls * tenth // 10 for tenth in range(1, 11)}
    marks |= {10**power for power in range(4, 9) if 10**power <= calls}
    for number, each in enumerate(stream, 1):
        yield each
        if number in marks:
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            passed = time.perf_counter() - begun
            print(f"{number:>12,} calls {peak:8.1f} MB {passed:8.1f} s", flush=True)


def main() -> None:
    """Draw a stream of the embedded city."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=10_000_000)
    parser.add_argument("--file", type=Path)
    given = parser.parse_args()
    agency = Router.load().agency
    drawn = agency_stream(agency, start=START, seed=1, per_day=PER_DAY, count=given.calls)
    stream = told(drawn, given.calls)
    if given.file is None:
        count = sum(1 for _ in stream)
    else:
        write = write_parquet if given.file.suffix == ".parquet" else write_json_lines
        count = write(stream, given.file, facts=sorted(agency.world.facts))
    print(f"{count:,} calls")


if __name__ == "__main__":
    main()
