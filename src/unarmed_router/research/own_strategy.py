"""A strategy that a scenario names as ``module:attribute``."""

from __future__ import annotations

import importlib

from unarmed_router.errors import InputError
from unarmed_router.simulation.strategies import Strategy

__all__ = ["own_strategy"]


def own_strategy(name: str) -> Strategy:
    """Import a strategy; a class is called without arguments, anew for each replication.

    An object is taken as it is: what it remembers of one replication it brings to the next of the
    same process.

    Parameters
    ----------
    name : str
        ``module:attribute``.

    Raises
    ------
    InputError
        It cannot be imported, or has no method ``choose``, or its class wants arguments.
    """
    module, _, attribute = name.partition(":")
    try:
        found = getattr(importlib.import_module(module), attribute)
    except (ImportError, AttributeError) as error:
        raise InputError(
            f"{name} cannot be imported ({error}): install its module, or put its folder on "
            "PYTHONPATH"
        ) from error
    try:
        strategy: Strategy = found() if isinstance(found, type) else found
    except TypeError as error:
        raise InputError(
            f"{name} cannot be made without arguments ({error}): name an object, or hand what "
            "makes it to play_scenario as `strategy`"
        ) from error
    if not callable(getattr(strategy, "choose", None)):
        raise InputError(f"{name} has no method choose: give it one, see simulation.strategies")
    return strategy
