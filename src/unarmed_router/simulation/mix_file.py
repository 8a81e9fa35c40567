"""Call mix files: what synthetic callers report, as TOML."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from unarmed_router.agency.toml_file import Strict, read_toml, validated
from unarmed_router.errors import ConfigurationError
from unarmed_router.model.program import Policy
from unarmed_router.simulation.call_mix import CallMix

__all__ = ["load_mix"]

Share = Annotated[float, Field(ge=0, le=1)]


class MixDocument(Strict):
    """A whole call mix file."""

    schema_version: Literal[1]
    unknown: Share
    call_types: Annotated[dict[str, Annotated[float, Field(gt=0)]], Field(min_length=1)]
    yes: dict[str, Share]


def load_mix(path: Path | str, *, policy: Policy) -> CallMix:
    """Read a call mix.

    Parameters
    ----------
    path : path-like
        TOML: ``unknown``, weights ``[call_types]``, probabilities ``[yes]``.
    policy : Policy
        Its call types and facts are the ones there are.

    Returns
    -------
    CallMix

    Raises
    ------
    ConfigurationError
        Lists every fault: wrong types, shares beyond 1, unknown call types or facts.
    """
    document, _ = read_toml(Path(path))
    entry = validated(MixDocument, document, str(path))
    faults = [
        f"{table}.{name}: policy {policy.policy_id} knows no such name"
        for table, names, known in (
            ("call_types", entry.call_types, policy.call_types),
            ("yes", entry.yes, policy.facts),
        )
        for name in names
        if name not in known
    ]
    faults += [
        f"yes.{fact}: {share} and unknown {entry.unknown} add up to more than 1"
        for fact, share in entry.yes.items()
        if share + entry.unknown > 1
    ]
    if faults:
        raise ConfigurationError(str(path), faults)
    return CallMix(entry.call_types, entry.yes, entry.unknown)
