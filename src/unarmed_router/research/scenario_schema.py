"""What a scenario file may say; each entry's description is also the remedy in a fault."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal, get_args

from pydantic import Field

from unarmed_router.agency.toml_file import SchemaVersion, Strict, Word

__all__ = [
    "FIGURES",
    "MOST_FURTHER",
    "STRATEGIES",
    "CrewsEntry",
    "ReplayEntry",
    "ScenarioDocument",
    "scenario_json_schema",
]

STRATEGIES = ("nearest", "program_order", "least_coverage_loss")
"""Names of the strategies that come with the package; another is ``module:attribute``."""

Figure = Literal["mean_response_s", "median_response_s", "p90_response_s", "unserved_share"]

FIGURES: tuple[str, ...] = get_args(Figure)
"""Figures of `replications.FIGURES` whose precision may end a run early."""

MOST_FURTHER = 500
"""Teams placed beside those of a roster."""

Strategy = Annotated[
    str, Field(pattern=r"^([a-z][a-z0-9_]*|[A-Za-z_][A-Za-z0-9_.]*:[A-Za-z_][A-Za-z0-9_]*)$")
]


class RunEntry(Strict):
    """When and how often."""

    start: Annotated[
        dt.date,
        Field(
            ge=dt.date(1971, 1, 1),
            le=dt.date(2199, 12, 31),
            description="give a date such as 2026-01-05, in the years 1971 to 2199",
        ),
    ]
    days: Annotated[
        int, Field(ge=1, le=3660, description="give 1 to 3660 days, warm-up not counted")
    ] = 28
    warm_up_days: Annotated[
        int,
        Field(ge=0, le=365, description="give 0 to 365 days that are simulated and not counted"),
    ] = 1
    replications: Annotated[
        int, Field(ge=1, le=10_000, description="give 1 to 10000; 10 or more for intervals")
    ] = 10
    seed: Annotated[int, Field(ge=0, description="give a whole number of at least 0")] = 1
    strategy: Annotated[
        Strategy,
        Field(description=f"give one of {', '.join(STRATEGIES)}, or your own as module:attribute"),
    ] = "nearest"
    busy_share: Annotated[
        float | None,
        Field(
            gt=0.0,
            lt=1.0,
            description="give the share of time a team is busy, between 0 and 1, as "
            "teams.further and least_coverage_loss take it; a run of another strategy reports it",
        ),
    ] = None

    @property
    def busy(self) -> float:
        """The share of time a team is busy, 0.3 where the file says nothing."""
        return 0.3 if self.busy_share is None else self.busy_share


class ServiceEntry(Strict):
    """Where the program serves."""

    program: Annotated[Word, Field(description="give the id of a program of the policy")]
    divisions: Annotated[
        Literal["policy", "all"] | list[int],
        Field(description='give "policy", "all" or a list of division numbers'),
    ] = "policy"
    add_busiest: Annotated[
        int,
        Field(ge=0, le=1000, description="give how many divisions to add, those with most demand"),
    ] = 0
    provider: Annotated[
        Word, Field(description="give the id of the provider that serves added divisions")
    ] = "added"


class TeamsEntry(Strict):
    """Who serves."""

    roster: Annotated[str, Field(description="give a roster file")] | None = None
    per_added_division: Annotated[
        int, Field(ge=0, le=100, description="give 0 to 100 teams for each added division")
    ] = 1
    further: Annotated[
        int,
        Field(
            ge=0,
            le=MOST_FURTHER,
            description=f"give 0 to {MOST_FURTHER} more teams, placed where they help most",
        ),
    ] = 0
    further_within_s: (
        Annotated[
            float,
            Field(gt=0, le=86_400, description="give the seconds from receipt to arrival, above 0"),
        ]
        | None
    ) = None
    further_placed: Annotated[
        Literal["one_by_one", "together"],
        Field(
            description='give "one_by_one" for the best next team, and the next, or "together" for '
            "the best set"
        ),
    ] = "one_by_one"


class CrewsEntry(Strict):
    """How crews work; the same for every team."""

    after_call: Annotated[
        Literal["return", "stay"],
        Field(description='give "return" to drive home, or "stay" to wait where the call was'),
    ] = "return"
    clearing_s: Annotated[
        int, Field(ge=0, le=14_400, description="give 0 to 14400 seconds from caller to available")
    ] = 0
    redirect_after_s: Annotated[
        int,
        Field(ge=0, le=14_400, description="give 0 to 14400 seconds on scene before a hand-over"),
    ] = 300
    break_s: Annotated[
        int, Field(ge=0, le=14_400, description="give 0 to 14400 seconds; 0 is no break")
    ] = 0
    break_every_s: Annotated[
        int,
        Field(ge=0, le=604_800, description="give the seconds from break to break, or 0 for none"),
    ] = 0


class StreamEntry(Strict):
    """Synthetic calls."""

    calls_per_day: (
        Annotated[
            float,
            Field(
                gt=0, le=1_000_000, description="give the calls a day of the whole city, above 0"
            ),
        ]
        | None
    ) = None
    weigh_by: Annotated[
        dict[str, Annotated[float, Field(ge=0, le=1e9)]],
        Field(min_length=1, description="give columns of the tract file and what each counts for"),
    ] = Field(default_factory=lambda: {"population": 1.0})


class ReplayEntry(Strict):
    """Real calls from a file, in place of synthetic ones."""

    file: Annotated[str, Field(description="give a file of calls")]
    layout: Annotated[str, Field(description="give a layout file, see the replay guide")]
    districts: Annotated[str, Field(description="give a file of districts' points")] | None = None
    areas: Annotated[
        bool,
        Field(
            description="give true where the district column names divisions and places are drawn"
        ),
    ] = False
    area_drop_digits: Annotated[
        int,
        Field(ge=0, le=9, description="give 2 where district 0645 lies in division 6, and so on"),
    ] = 0


class PrecisionEntry(Strict):
    """When enough is known to stop before all replications are run."""

    figure: Annotated[
        Figure,
        Field(description=f"give one of {', '.join(FIGURES)}"),
    ] = "mean_response_s"
    within: Annotated[
        float,
        Field(gt=0, lt=1, description="give the half width as a share of the figure, as 0.05"),
    ]
    confidence: Annotated[
        float, Field(gt=0, lt=1, description="give a probability below 1, such as 0.95")
    ] = 0.95
    at_least: Annotated[
        int, Field(ge=2, le=10_000, description="give the replications run in any case, 2 or more")
    ] = 5


class ScenarioDocument(Strict):
    """A whole scenario file."""

    schema_version: Annotated[SchemaVersion, Field(description="give 1")]
    name: Annotated[str, Field(min_length=1, max_length=200, description="give it a name")]
    agency: Annotated[str, Field(description="give an agency.toml")] | None = None
    run: Annotated[RunEntry, Field(description="add a table [run] with a start")]
    service: Annotated[ServiceEntry, Field(description="add a table [service] with a program")]
    teams: TeamsEntry = TeamsEntry()
    crews: CrewsEntry = CrewsEntry()
    stream: StreamEntry = StreamEntry()
    replay: ReplayEntry | None = None
    precision: PrecisionEntry | None = None


def scenario_json_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a scenario file."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **ScenarioDocument.model_json_schema(),
        "title": "Scenario file of unarmed-router",
    }
