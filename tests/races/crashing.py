"""Processes that append as fast as they can, killed at random moments.

Run as a program of its own, which imports the ledger once and forks a child a round: a child that
imported everything anew would take a hundred times as long.

    python -m tests.races.crashing kill WHERE ROUNDS LONGEST_S
    python -m tests.races.crashing append WHERE FIRST
"""

from __future__ import annotations

import json
import os
import random
import select
import signal
import struct
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, suppress

from tests.ledgers import NOON, accepted, received, reserved
from unarmed_router.errors import LedgerError
from unarmed_router.ledger.codec import event_to_json
from unarmed_router.ledger.opening import open_ledger
from unarmed_router.ledger.sql_ledger import SqlLedger
from unarmed_router.ledger.verify import verify
from unarmed_router.model.events import Event

__all__ = ["acknowledged", "acts", "check"]

_ACK = struct.Struct("<q32s")
FULL_CHECK = 100
"""Each round checks what is new; each so many rounds all of it."""


def acts(number: int) -> list[Event]:
    """Make the three events of one act: a call comes in, a team is held for it and accepts."""
    wanted = reserved(number)
    return [received(number), wanted, accepted(wanted)]


def child(where: str, first: int, answers: int) -> None:
    """Append acts until killed; tell of each once it is durable."""
    with closing(open_ledger(where, busy_timeout_s=30)) as ledger:
        if ledger.database.dialect == "sqlite":  # be killed while the log is written back, too
            ledger.writer().rows("PRAGMA wal_autocheckpoint = 8")
        os.write(answers, _ACK.pack(0, bytes(32)))
        number = first
        while True:
            with ledger.transaction(seen=None) as transaction:
                last = transaction.append(acts(number), at=NOON)[-1]
            os.write(answers, _ACK.pack(last.seq, bytes.fromhex(last.digest)))
            number += 1


def acknowledged(answers: int, data: bytes = b"") -> Iterator[tuple[int, str]]:
    """Read what a child told of before it died, after what was read of it already."""
    while chunk := os.read(answers, 65536):
        data += chunk
    whole = len(data) - len(data) % _ACK.size  # the child may die while it tells
    for seq, digest in _ACK.iter_unpack(data[:whole]):
        if seq:
            yield seq, digest.hex()


def check(ledger: SqlLedger, told: list[tuple[int, str]], after: int) -> int:
    """Check what is new since an event; return the number of the last one.

    Raises
    ------
    AssertionError
        Something acknowledged is not there, or an act is there in part.
    """
    new = {each.seq: each for each in ledger.read(after=after)}
    for seq, digest in told:
        assert seq in new, f"event {seq} was acknowledged and is lost"
        assert new[seq].digest == digest, f"event {seq} is another one"
    kinds = [each.event.kind for each in new.values() if each.event is not None]
    assert kinds == ["call_received", "reserved", "reservation_accepted"] * (len(kinds) // 3)
    return max(new, default=after)


def _round(where: str, first: int, rng: random.Random, longest_s: float) -> list[tuple[int, str]]:
    """Let a child live for a moment; return what it told of."""
    opening = rng.random() < 0.25
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reading)
        try:
            child(where, first, writing)
        finally:  # an error is not to run on in the parent's code
            os._exit(1)
    os.close(writing)
    try:
        if not opening:
            select.select([reading], [], [], 30.0)
        time.sleep(rng.uniform(0.0, longest_s))
        assert os.waitpid(pid, os.WNOHANG) == (0, 0), "the child ended by itself"
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        return list(acknowledged(reading))
    finally:
        os.close(reading)


def kill(where: str, rounds: int, longest_s: float) -> dict[str, object]:
    """Run rounds of killing and checking.

    Parameters
    ----------
    where : str
        The ledger.
    rounds : int
        How many children to kill.
    longest_s : float
        Longest life of a child: after its fork, in one round of four, after opening in the others.
    """
    rng = random.Random(rounds)  # noqa: S311
    for event in acts(1):
        event_to_json(event)  # what is made on first use, children find made
    last, acks, unacknowledged, killed = 0, 0, 0, Counter[str]()
    for number in range(rounds):
        told = _round(where, 1 + last, rng, longest_s)
        with closing(open_ledger(where, busy_timeout_s=30)) as ledger:
            before, last = last, check(ledger, told, last)
            unknown = (last - before) // 3 - len(told)
            assert unknown in {0, 1}, f"{unknown} acts nobody was told of"
            if number % FULL_CHECK == 0 or number == rounds - 1:
                result = verify(ledger)
                assert result.whole, result
        acks += len(told)
        unacknowledged += unknown
        killed["before the first act" if not told else "while appending"] += 1
    return {"rounds": rounds, "acknowledged": acks, "committed unheard": unacknowledged, **killed}


def append(where: str, first: int) -> None:
    """Append until killed, or until the server is; tell of each act on standard output."""
    with suppress(LedgerError):
        child(where, first, 1)


if __name__ == "__main__":
    if sys.argv[1] == "append":
        append(sys.argv[2], int(sys.argv[3]))
    else:
        print(json.dumps(kill(sys.argv[2], int(sys.argv[3]), float(sys.argv[4]))))  # noqa: T201
