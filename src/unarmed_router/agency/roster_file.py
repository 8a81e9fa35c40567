"""Roster files: TOML or CSV, each team with its home, shifts and state."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, ValidationError

from unarmed_router.agency.shift_text import parse_shifts
from unarmed_router.agency.toml_file import (
    SchemaVersion,
    Strict,
    Word,
    listed_faults,
    read_toml,
    validated,
)
from unarmed_router.csv_rows import read_csv
from unarmed_router.errors import ConfigurationError, InputError
from unarmed_router.model.policy import Policy
from unarmed_router.model.team import Team, TeamState, TeamStatus

__all__ = ["load_roster", "refuse_homes_off_road", "roster_faults"]

Status = Annotated[TeamStatus, Field(strict=False)]


class TeamEntry(Strict):
    """One team of a roster file."""

    id: Word
    provider: Word
    program: Word
    home_lon: float
    home_lat: float
    status: Status
    shifts: str = "24/7"
    crew_size: Annotated[int, Field(ge=1, le=20)] = 2
    capabilities: list[Word] = Field(default_factory=list)
    languages: list[Word] = Field(default_factory=list)
    turnout_s: Annotated[int, Field(ge=0, le=86_400)] | None = None
    idle_since: dt.datetime | None = None
    note: str = ""


class RosterDocument(Strict):
    """A whole roster file."""

    schema_version: SchemaVersion
    teams: list[TeamEntry]


_NUMBERS = {"home_lon": float, "home_lat": float, "crew_size": int, "turnout_s": int}


def load_roster(path: Path | str, *, policies: Sequence[Policy]) -> list[TeamState]:
    """Read a roster.

    Parameters
    ----------
    path : path-like
        TOML with a ``[[teams]]`` table for each team, or CSV with a header of the same names
        (capabilities and languages separated by ``;``); ``docs/how-to/roster.md`` describes both.
    policies : sequence of Policy
        Their programs and providers are the ones a team may belong to.

    Returns
    -------
    list of TeamState
        Without road positions; `unarmed_router.fleet.roster.Roster` fills them in.

    Raises
    ------
    ConfigurationError
        Lists every fault with its team or row.
    """
    path = Path(path)
    if path.suffix.lower() == ".csv":
        entries = _csv_entries(path)
    elif path.suffix.lower() != ".toml" and path.is_file():
        raise ConfigurationError(
            str(path), ["a roster is TOML or CSV, and ends in .toml or .csv; rename it"]
        )
    else:
        document, _ = read_toml(path)
        entries = validated(RosterDocument, document, str(path)).teams
    states: list[TeamState] = []
    faults = list(_given_twice(entries))
    for entry in entries:
        try:
            states.append(_state(entry))
        except (InputError, ValueError) as error:
            faults.append(f"teams.{entry.id}: {error}")
    faults += roster_faults([state.team for state in states], policies)
    if faults:
        raise ConfigurationError(str(path), faults)
    return states


def _csv_entries(path: Path) -> list[TeamEntry]:
    fields = TeamEntry.model_fields
    rows = read_csv(
        path,
        needs=[name for name, field in fields.items() if field.is_required()],
        only=list(fields),
        refuse=lambda faults: ConfigurationError(str(path), faults),
    )
    if not rows:
        # An empty roster refers every call; it must be meant, as `teams = []` in TOML is.
        raise ConfigurationError(str(path), ["has no teams; for an empty roster use TOML"])
    entries, faults = [], []
    for number, row in rows:
        try:
            entries.append(TeamEntry.model_validate(_typed(row)))
        except ValidationError as error:
            faults += [f"row {number}: {fault}" for fault in listed_faults(error)]
    if faults:
        raise ConfigurationError(str(path), faults)
    return entries


def _typed(row: dict[str, str]) -> dict[str, Any]:
    """Give CSV text the types of the schema; what cannot be converted is left for it to refuse."""
    typed: dict[str, Any] = {}
    for name, text in row.items():
        if not text:
            continue
        if name in _NUMBERS:
            typed[name] = _number(text, _NUMBERS[name])
        elif name in {"capabilities", "languages"}:
            typed[name] = [word.strip() for word in text.split(";")]
        elif name == "idle_since":
            typed[name] = _instant(text)
        else:
            typed[name] = text
    return typed


def _number(text: str, kind: type[float | int]) -> float | int | str:
    try:
        return kind(text)
    except ValueError:
        return text


def _instant(text: str) -> dt.datetime | str:
    try:
        return dt.datetime.fromisoformat(text)
    except ValueError:
        return text


def _given_twice(entries: list[TeamEntry]) -> Iterable[str]:
    uses = Counter(entry.id for entry in entries)
    for team_id in sorted(team_id for team_id, count in uses.items() if count > 1):
        yield f"teams.{team_id}: the id is given twice"


def roster_faults(teams: Iterable[Team], policies: Sequence[Policy]) -> Iterator[str]:
    """List the teams that belong to no program or provider, and words no policy knows.

    Parameters
    ----------
    teams : iterable of Team
        The roster.
    policies : sequence of Policy
        A team may belong to any of them: some serve from a later day on.
    """
    programs = {p.program_id: list[str]() for policy in policies for p in policy.programs}
    for policy in policies:
        for program in policy.programs:
            programs[program.program_id] += [p.provider_id for p in program.providers]
    vocabularies = [policy.capabilities for policy in policies]
    known_words = {word for each in vocabularies if each is not None for word in each}
    for team in teams:
        path = f"teams.{team.team_id}"
        if team.program not in programs:
            known = ", ".join(programs) or "none"
            yield f"{path}.program: unknown program {team.program!r}; known: {known}"
        elif team.provider not in programs[team.program]:
            known = ", ".join(dict.fromkeys(programs[team.program]))
            yield (
                f"{path}.provider: {team.provider!r} is no provider of {team.program}; "
                f"known: {known}"
            )
        if all(each is not None for each in vocabularies):
            for word in team.capabilities:
                if word not in known_words:
                    known = ", ".join(sorted(known_words)) or "none"
                    yield f"{path}.capabilities: unknown capability {word!r}; known: {known}"


def refuse_homes_off_road(path: Path, states: Iterable[TeamState]) -> None:
    """Refuse teams whose home no road reaches: they could never be sent.

    Parameters
    ----------
    path : Path
        The roster file, for the message.
    states : iterable of TeamState
        The teams, on the road.

    Raises
    ------
    ConfigurationError
        Lists them.
    """
    faults = [
        f"teams.{state.team.team_id}: home_lon {state.team.home_lon}, home_lat "
        f"{state.team.home_lat} is beyond the snapping limit from every road"
        for state in states
        if state.home_road is None
    ]
    if faults:
        raise ConfigurationError(str(path), faults)


def _state(entry: TeamEntry) -> TeamState:
    team = Team(
        team_id=entry.id,
        provider=entry.provider,
        program=entry.program,
        home_lon=entry.home_lon,
        home_lat=entry.home_lat,
        crew_size=entry.crew_size,
        # A call needs a language as it needs any other thing a team can do.
        capabilities=tuple(sorted({*entry.capabilities, *entry.languages})),
        shifts=parse_shifts(entry.shifts),
        turnout_s=entry.turnout_s,
    )
    return TeamState(team=team, status=entry.status, idle_since=entry.idle_since)
