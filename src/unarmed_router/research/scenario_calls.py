"""The calls of a scenario: drawn by a seed, or replayed from the file that it names."""

from __future__ import annotations

from pathlib import Path

from unarmed_router.agency.folder import Agency
from unarmed_router.errors import ConfigurationError
from unarmed_router.research.prepared_scenario import run_window
from unarmed_router.research.scenario_schema import ReplayEntry, ScenarioDocument
from unarmed_router.simulation.call_replay import CallReplay
from unarmed_router.simulation.default_stream import agency_stream
from unarmed_router.simulation.draws import Draws
from unarmed_router.simulation.mix_file import load_mix
from unarmed_router.simulation.neighbourhoods import Neighbourhoods
from unarmed_router.simulation.replay_layout import load_layout
from unarmed_router.simulation.replay_places import AreaPlaces, DistrictPlaces, DistrictPoints
from unarmed_router.simulation.streams import CallStream

__all__ = ["replayed_calls", "synthetic_calls"]

_MOST_ROWS = 20
"""Broken rows of a replayed file that are told at once."""


def synthetic_calls(document: ScenarioDocument, agency: Agency) -> CallStream:
    """Make the synthetic calls; they also say where demand is when calls are replayed.

    Raises
    ------
    InputError, ConfigurationError
        As `simulation.default_stream.agency_stream`.
    """
    asked = document.stream
    start, until = run_window(document, agency)
    return agency_stream(
        agency,
        start=start,
        until=until,
        seed=document.run.seed,
        per_day=asked.calls_per_day,
        weigh_by=asked.weigh_by,
    )


def replayed_calls(
    document: ScenarioDocument, folder: Path, agency: Agency
) -> tuple[CallReplay, int]:
    """Read the calls of a file that a scenario replays, and count those outside its days.

    Parameters
    ----------
    document : ScenarioDocument
        One that replays calls.
    folder : Path
        Where the scenario is; files it names are relative to this.
    agency : Agency
        Its call mix draws what the file does not tell, and its policy of the first day reads codes.

    Raises
    ------
    ConfigurationError
        Rows of the file are broken, or none was received in the days of the run.
    InputError
        A file cannot be read, or the layout does not fit it.
    """
    asked, mix, policy = document.replay, None, agency.world.policy_on(document.run.start)
    assert asked is not None  # noqa: S101  # the caller has looked
    if agency.call_mix is not None:
        mix = load_mix(agency.call_mix, policy=policy)
    draws = Draws(document.run.seed)
    places = _districts(asked, folder, draws, document, agency)
    replay = CallReplay(
        path=folder / asked.file,
        layout=load_layout(folder / asked.layout),
        service=None if mix is None else mix.service,
        districts=places,
        draws=draws,
        codes=policy.codes,
    )
    faults = replay.faults(_MOST_ROWS)
    if faults:  # before anything is played
        raise ConfigurationError(asked.file, faults)
    return replay, _outside(replay, asked, document, agency)


def _districts(
    asked: ReplayEntry, folder: Path, draws: Draws, document: ScenarioDocument, agency: Agency
) -> DistrictPlaces | None:
    """Return where districts are: at given points, or drawn where synthetic calls would arise."""
    if asked.districts is not None:
        return DistrictPoints.read(folder / asked.districts)
    if not asked.areas:
        return None
    places = synthetic_calls(document, agency).places
    assert isinstance(places, Neighbourhoods)  # noqa: S101  # as agency_stream makes them
    divisions = agency.divisions.divisions
    return AreaPlaces(places, draws, divisions, drop_digits=asked.area_drop_digits)


def _outside(
    replay: CallReplay, asked: ReplayEntry, document: ScenarioDocument, agency: Agency
) -> int:
    """Count the calls outside the days of the run, and refuse a file that has no others."""
    first, last = run_window(document, agency)
    inside = [first <= call.received_at < last for call in replay.calls()]
    if True not in inside:
        fault = (
            f"no call was received from {first.isoformat()} to {last.isoformat()}, the days of the "
            "run; change run.start and run.days, or name another file"
        )
        raise ConfigurationError(asked.file, [fault])
    return inside.count(False)
