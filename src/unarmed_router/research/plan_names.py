"""What the two plans of a comparison are called, so that a reader can tell them apart."""

from __future__ import annotations

from unarmed_router.research.prepared_scenario import PreparedScenario

__all__ = ["plan_names", "strategies_told"]


def plan_names(before: PreparedScenario, after: PreparedScenario) -> tuple[str, str]:
    """Return the names of two plans, each another.

    One scenario under two strategies has one name: then each plan is told with its strategy, and
    where these are the same, too, by its place.

    Parameters
    ----------
    before, after : PreparedScenario
        What is compared.
    """
    one, two = before.document, after.document
    if one.name != two.name:
        return one.name, two.name
    if one.run.strategy != two.run.strategy:
        return f"{one.name}, {one.run.strategy}", f"{two.name}, {two.run.strategy}"
    return f"{one.name} (before)", f"{two.name} (after)"


def strategies_told(before: PreparedScenario, after: PreparedScenario) -> str:
    """Say by which strategy each plan sends teams."""
    one, two = before.document.run.strategy, after.document.run.strategy
    return f"Strategy {one} in both." if one == two else f"Strategy {one}, then {two}."
