"""A strategy that a scenario names as ``module:attribute``."""

from __future__ import annotations

import importlib

from unarmed_router.errors import InputError
from unarmed_router.simulation.strategies import Strategy

__all__ = ["own_strategy"]


def own_strategy(name: str) -> Strategy:
    """Import a strategy; a class is called without arguments.

    Parameters
    ----------
    name : str
        ``module:attribute``.

    Raises
    ------
    InputError
        It cannot be imported, or has no method ``choose``.
    """
    module, _, attribute = name.partition(":")
    try:
        found = getattr(importlib.import_module(module), attribute)
    except (ImportError, AttributeError) as error:
        raise InputError(
            f"{name} cannot be imported ({error}): install its module, or put its folder on "
            "PYTHONPATH"
        ) from error
    strategy: Strategy = found() if isinstance(found, type) else found
    if not callable(getattr(strategy, "choose", None)):
        raise InputError(f"{name} has no method choose: give it one, see simulation.strategies")
    return strategy
