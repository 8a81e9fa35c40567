"""Digests of the files that a scenario's calls are made from, or replayed from."""

from __future__ import annotations

import hashlib
from pathlib import Path

from unarmed_router.agency.folder import Agency
from unarmed_router.errors import InputError
from unarmed_router.research.scenario_schema import ScenarioDocument

__all__ = ["agency_file_digests", "file_digests"]


def agency_file_digests(agency: Agency) -> dict[str, str]:
    """Return the SHA-256 of an agency's ``tracts``, ``arrivals`` and ``call_mix``, if any.

    Raises
    ------
    InputError
        A file cannot be read.
    """
    files = {"tracts": agency.demand, "arrivals": agency.arrivals, "call_mix": agency.call_mix}
    return {name: _digest(path) for name, path in files.items() if path is not None}


def file_digests(document: ScenarioDocument, folder: Path, agency: Agency) -> dict[str, str]:
    """Return the SHA-256 of the bytes of each file, by what it is.

    Parameters
    ----------
    document : ScenarioDocument
        Names the files of a replay, relative to `folder`.
    folder : Path
        Where the scenario is.
    agency : Agency
        Names its tracts, arrivals and call mix.

    Returns
    -------
    dict of str to str
        Of those there are: ``tracts``, ``arrivals``, ``call_mix``, ``replay_file``,
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
