"""Exceptions: what they carry goes with them, whatever process they are raised in."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import pytest

from unarmed_router import errors
from unarmed_router.errors import (
    AlreadyAssignedError,
    ConfigurationError,
    CoordinateError,
    LedgerBrokenError,
    LedgerLostError,
    PrivacyError,
    UnarmedRouterError,
)

OWN: dict[type[UnarmedRouterError], UnarmedRouterError] = {
    type(error): error
    for error in (
        CoordinateError("far away", rows=[3, 4]),
        PrivacyError("a number", field="call.call_id"),
        ConfigurationError("roster.toml", ["no teams", "no shifts"]),
        AlreadyAssignedError("held", what="team", value="T1", holder="r-7"),
        LedgerLostError("cut off", in_doubt=True),
        LedgerBrokenError("altered", seq=12),
    )
}
"""Those whose constructors take more than a message."""
EVERY = [
    OWN.get(kind) or kind("a message")
    for kind in (getattr(errors, name) for name in errors.__all__)
]


@pytest.mark.parametrize("error", EVERY, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize(
    "again",
    [copy.copy, copy.deepcopy, lambda error: pickle.loads(pickle.dumps(error))],  # noqa: S301
    ids=["copy", "deepcopy", "pickle"],
)
def test_an_exception_survives_the_way_to_another_process(
    error: Any, again: Callable[[Any], Any]
) -> None:
    """Its type, its message and what it carries; a pool of processes depends on it."""
    there = again(error)
    assert type(there) is type(error)
    assert (str(there), there.args, vars(there)) == (str(error), error.args, vars(error))
