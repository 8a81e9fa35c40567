"""Digests of the files that a scenario's calls come from, and of the rates that price them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

from unarmed_router.agency.folder import Agency
from unarmed_router.errors import InputError
from unarmed_router.research.scenario_schema import ScenarioDocument

__all__ = ["agency_file_digests", "file_digests"]


def agency_file_digests(
    agency: Agency, kinds: Sequence[str] = ("tracts", "arrivals", "call_mix", "cost")
) -> dict[str, str]:
    """Return the SHA-256 of an agency's tables for synthetic calls and of its rates, if any.

    Parameters
    ----------
    agency : Agency
        Names them.
    kinds : sequence of str
        Which of them.

    Raises
    ------
    InputError
        A file cannot be read.
    """
    files = {
        "tracts": agency.demand,
        "arrivals": agency.arrivals,
        "call_mix": agency.call_mix,
        "cost": agency.cost,
    }
    named = {name: path for name in kinds if (path := files[name]) is not None}
    return {name: _digest(path) for name, path in named.items()}


def file_digests(document: ScenarioDocument, folder: Path, agency: Agency) -> dict[str, str]:
    """Return the SHA-256 of the bytes of each file, by what it is.

    Parameters
    ----------
    document : ScenarioDocument
        Names the files of a replay, relative to `folder`.
    folder : Path
        Where the scenario is.
    agency : Agency
        Names its tracts, arrivals, call mix and rates.

    Returns
    -------
    dict of str to str
        Of those there are: ``tracts``, ``arrivals``, ``call_mix``, ``cost``, ``replay_file``,
        ``replay_layout`` and ``replay_districts``.

    Raises
    ------
    InputError
        A file cannot be read.
    """
    files: dict[str, Path] = {}
    replay = document.replay
    if replay is not None:
        files["replay_file"] = folder / replay.file
        files["replay_layout"] = folder / replay.layout
        if replay.districts:
            files["replay_districts"] = folder / replay.districts
    replayed = {name: _digest(path) for name, path in files.items()}
    return {**agency_file_digests(agency), **replayed}


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}; name another file") from error
