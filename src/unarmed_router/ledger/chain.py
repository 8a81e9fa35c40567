"""How events are chained, so that nothing can be altered, inserted or removed unseen.

Each event has a digest over the digest before it and a header; the header holds the digest of the
event's body, which is salted::

    body digest = SHA-256(salt || body)            salt: 16 random bytes, kept beside the body
    digest      = SHA-256(digest before || header)
    header      = {"at":...,"body":"<body digest>","kind":"...","schema":1,"seq":...}

SHA-256 is that of FIPS 180-4 (doi:10.6028/NIST.FIPS.180-4). Retention removes body and salt and
leaves the rest: the chain still verifies, and without the salt nobody can find out by trying which
of the few bodies that a call may have was there.
"""

from __future__ import annotations

import hashlib
import os
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

__all__ = ["GENESIS", "Entry", "chained", "from_micros", "sealed"]

GENESIS = hashlib.sha256(b"unarmed_router ledger").digest()
"""What stands before the first event: SHA-256 of the ASCII text ``unarmed_router ledger``, which is
45c5ad01b88cc9e9dd93f8ea8614c556bb159d7ac463199c624518f0a83693c4."""

_SALT_BYTES = 16
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Entry(NamedTuple):
    """One row of the log, as it is stored.

    Parameters
    ----------
    seq : int
        Its number, from 1 without a gap.
    at_us : int
        Ledger time, microseconds since 1970-01-01 UTC.
    kind : str
        Kind of the event.
    schema : int
        Version of the form of the body.
    body : str or None
        The event as canonical JSON; None in a tombstone.
    salt : bytes or None
        16 random bytes; None in a tombstone.
    body_digest, digest : bytes
        SHA-256 as above, 32 bytes each.
    """

    seq: int
    at_us: int
    kind: str
    schema: int
    body: str | None
    salt: bytes | None
    body_digest: bytes
    digest: bytes

    def fault(self, before: bytes) -> str | None:
        """Say what does not fit, given the digest before; None when everything does."""
        if (self.body is None) != (self.salt is None):
            return "has a body without its salt, or a salt without its body"
        if self.body is not None and self.salt is not None:
            if len(self.salt) != _SALT_BYTES:
                return f"has a salt of {len(self.salt)} bytes instead of {_SALT_BYTES}"
            if hashlib.sha256(self.salt + self.body.encode()).digest() != self.body_digest:
                return "has a body that is not the one its digest was made of"
        if self.digest != chained(
            before,
            seq=self.seq,
            at_us=self.at_us,
            kind=self.kind,
            schema=self.schema,
            body_digest=self.body_digest,
        ):
            return "does not follow from the one before: its header or either digest was altered"
        return None


def chained(
    before: bytes, *, seq: int, at_us: int, kind: str, schema: int, body_digest: bytes
) -> bytes:
    """Return the digest of an event.

    Parameters
    ----------
    before : bytes
        Digest of the one before; `GENESIS` for the first.
    seq, at_us, kind, schema, body_digest
        As in `Entry`.
    """
    # Canonical JSON, written by hand because each event read or written needs it: kinds are words,
    # and whatever a damaged one holds, no other row has the same header.
    header = f'{{"at":{at_us},"body":"{body_digest.hex()}","kind":"{kind}",'
    header += f'"schema":{schema},"seq":{seq}}}'
    return hashlib.sha256(before + header.encode()).digest()


def sealed(
    before: bytes,
    *,
    seq: int,
    at_us: int,
    kind: str,
    schema: int,
    body: str,
) -> Entry:
    """Chain a new event to the one before; parameters as in `chained` and `Entry`."""
    salt = os.urandom(_SALT_BYTES)
    body_digest = hashlib.sha256(salt + body.encode()).digest()
    digest = chained(
        before, seq=seq, at_us=at_us, kind=kind, schema=schema, body_digest=body_digest
    )
    return Entry(seq, at_us, kind, schema, body, salt, body_digest, digest)


def from_micros(at_us: int) -> datetime:
    """Return the instant of microseconds since 1970-01-01 UTC; undoes `model.call.microseconds`."""
    return _EPOCH + timedelta(microseconds=at_us)
