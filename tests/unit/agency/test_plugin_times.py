"""Travel times of an agency's own: believed only when they are times."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.scenarios.city import draw_city
from tests.unit.agency.conftest import Install
from unarmed_router import ConfigurationError, PluginError
from unarmed_router.agency.plugin_times import ProvidedTimes, TravelTimesEntry, provided_times


class Times:
    """Travel times that return, or raise, whatever they are told."""

    digest = "told"

    def __init__(self, told: Any) -> None:
        self.told = told

    def to_call(self, *_: Any) -> Any:
        """Return it, or raise it."""
        if isinstance(self.told, Exception):
            raise self.told
        return self.told


@pytest.mark.parametrize(
    ("told", "fault"),
    [
        (ValueError("no\nmap"), "travel times 'own' raised ValueError: no map"),
        (KeyError(), "travel times 'own' raised KeyError"),
        (None, "raised TypeError"),
        ([], "returned 0 times for 1 origins"),
        ([1, 2], "returned 2 times for 1 origins"),
        ([1.5], "returned 1.5; a time must be a whole number of milliseconds"),
        ([float("nan")], "returned nan;"),
        ([-1], "returned -1;"),
        ([2**31], "returned 2147483648;"),
        ([True], "returned True;"),
        (["7"], "returned '7';"),
    ],
)
def test_a_broken_provider_never_gives_a_time(told: Any, fault: str) -> None:
    """Whatever it does wrong at a call, the call gets a typed error and no team."""
    city = draw_city("A---B", teams={"T1": "A"})
    world = replace(city.world, travel_times=ProvidedTimes("own", Times(told)))
    with pytest.raises(PluginError) as caught:
        replace(city, world=world).decide(city.call("B"))
    assert fault in str(caught.value)


@pytest.mark.parametrize(("told", "team"), [([7_000], "T1"), ([None], None)])
def test_a_time_is_taken_as_it_is(told: Any, team: str | None) -> None:
    """A whole number is the travel time; None is a team that no road leads from."""
    city = draw_city("A---B", teams={"T1": "A"})
    world = replace(city.world, travel_times=ProvidedTimes("own", Times(told)))
    decision = replace(city, world=world).decide(city.call("B"))
    assert [c.team_id for c in decision.candidates] == ([team] if team else [])
    assert [c.travel_ms for c in decision.candidates] == [ms for ms in told if ms]


MAKE = "class Own:\n    digest = 'd'\n    def to_call(self, *_): return []\n"


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ("def make(*_): raise OSError('no server')", "cannot be made with these options: OSError"),
        ("def make(): pass", "cannot be made with these options: TypeError"),
        ("make = None", "cannot be made with these options: TypeError"),
        ("def make(*_): return 7", "made int, which has no function to_call"),
        ("def make(*_): return 7", "has digest None; it must be text"),
        (MAKE.replace("'d'", "''") + "make = lambda *_: Own()", "has digest ''"),
        (MAKE.replace("'d'", "'d' * 201") + "make = lambda *_: Own()", "it must be text of 1 to"),
        ("", "cannot be imported from"),
    ],
)
def test_a_provider_that_cannot_be_made_is_refused(
    install: Install, tmp_path: Path, body: str, fault: str
) -> None:
    """The agency is not loaded, and the message says what is missing."""
    install(body, group="travel_times", of=":make")
    network = draw_city("A---B", teams={}).network
    with pytest.raises(ConfigurationError) as caught:
        provided_times(
            TravelTimesEntry(provider="own"), source=tmp_path / "agency.toml", network=network
        )
    assert fault in str(caught.value)
    assert "travel_times.provider: 'own'" in str(caught.value)


def test_an_unknown_provider_is_refused(install: Install, tmp_path: Path) -> None:
    """The names that would do are listed."""
    install(MAKE + "make = lambda *_: Own()", group="travel_times", name="mine", of=":make")
    network = draw_city("A---B", teams={}).network
    with pytest.raises(ConfigurationError, match=r"travel_times \(installed: mine\)"):
        provided_times(
            TravelTimesEntry(provider="own"), source=tmp_path / "agency.toml", network=network
        )
