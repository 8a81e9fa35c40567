"""Places of calls: in the tract's division, nearest its centre, on a road."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from unarmed_router.agency.folder import Agency
from unarmed_router.agency.tracts_file import Tract, load_tracts
from unarmed_router.errors import ConfigurationError, InputError
from unarmed_router.simulation.demand import load_weights
from unarmed_router.simulation.draws import Draws
from unarmed_router.simulation.neighbourhoods import Neighbourhoods


@pytest.fixture(scope="module")
def city(agency: Agency) -> Neighbourhoods:
    """Lay out the embedded city by population."""
    assert agency.demand is not None
    return Neighbourhoods.of(
        load_tracts(agency.demand), divisions=agency.divisions, roads=agency.roads
    )


def of(agency: Agency, tracts: list[Tract], weights: list[float] | None = None) -> Neighbourhoods:
    """Lay out some tracts in the embedded city."""
    return Neighbourhoods.of(
        tracts, divisions=agency.divisions, roads=agency.roads, weights=weights
    )


def test_every_place_is_in_a_division_and_beside_a_road(
    agency: Agency, city: Neighbourhoods
) -> None:
    """Of 20,000 places none is outside the city or beyond reach, and 19 in 20 lie on the road."""
    lon, lat = city.draw(Draws(1).uniform("place", 0, 20_000, 4))
    assert (agency.divisions.locate_many(lon, lat).number > 0).all()
    snapped = agency.roads.snap_many(lons=lon, lats=lat)
    assert (snapped.arc >= 0).all()
    assert (snapped.snap_m < 0.2).mean() > 0.95
    assert not city.unplaced


def test_divisions_get_their_share_of_the_weight(agency: Agency, city: Neighbourhoods) -> None:
    """Chi-squared of the calls of 21 divisions against the population of their tracts."""
    lon, lat = city.draw(Draws(2).uniform("place", 0, 40_000, 4))
    number = agency.divisions.locate_many(lon, lat).number
    found = np.bincount(number, minlength=22)[1:]
    assert agency.demand is not None
    people = np.zeros(22)
    for tract in load_tracts(agency.demand):
        place = agency.divisions.locate(lon=tract.lon, lat=tract.lat).division
        assert place is not None
        people[place.number] += tract.population
    wanted = 40_000 * people[1:] / people.sum()
    assert stats.chi2.sf(((found - wanted) ** 2 / wanted).sum(), 20) > 0.001
    assert city.share_of(7) == pytest.approx(people[7] / people.sum())


def test_a_square_belongs_to_the_nearest_centre_of_its_division(
    agency: Agency, city: Neighbourhoods
) -> None:
    """Each of some squares is measured against all centres, on the sphere."""
    assert agency.demand is not None
    tracts = load_tracts(agency.demand)
    owner = np.repeat(np.arange(len(tracts)), np.diff(city.first))
    for square in range(0, len(city.lon), 1171):
        lon, lat = float(city.lon[square]), float(city.lat[square])
        place = agency.divisions.locate(lon=lon, lat=lat).division
        assert place is not None
        away = [
            math.hypot((t.lon - lon) * math.cos(math.radians(lat)), t.lat - lat)
            if city.division[k] == place.number
            else math.inf
            for k, t in enumerate(tracts)
        ]
        assert away[owner[square]] <= min(away) * 1.01  # one projection for all squares


def test_places_spread_over_the_neighbourhood(agency: Agency, city: Neighbourhoods) -> None:
    """Within a division only, and each quarter of the tract's squares gets a quarter of calls."""
    lon, lat = city.draw(Draws(3).uniform("place", 0, 2000, 4), within=7)
    assert set(agency.divisions.locate_many(lon, lat).number.tolist()) == {7}
    tract = int(np.diff(city.first).argmax())
    uniform = Draws(4).uniform("square", 0, 8000, 4)
    squares = (uniform[:, 1] * (city.first[tract + 1] - city.first[tract])).astype(int)
    quarters = np.bincount(4 * squares // (city.first[tract + 1] - city.first[tract]))
    assert stats.chisquare(quarters).pvalue > 0.001


def test_weights_choose_the_tracts(agency: Agency) -> None:
    """A weight of nothing makes no call; tracts outside the city are named."""
    near, far = Tract("a", -118.309, 34.0606, 5), Tract("b", -118.45, 34.04, 5)
    places = of(agency, [near, far, Tract("sea", -119.5, 33.5, 5)], [0.0, 2.0, 2.0])
    lon, _ = places.draw(Draws(1).uniform("place", 0, 500, 4))
    assert places.unplaced == ("sea",)
    assert (lon < -118.38).all()
    with pytest.raises(InputError, match="division 20 has no tract that calls arise in"):
        places.draw(Draws(1).uniform("place", 0, 1, 4), within=20)


@pytest.mark.parametrize(
    ("weights", "fault"),
    [
        ([1.0, 2.0], "weights of 1 tracts must be as many"),
        ([-1.0], "the least -1.0"),
        ([math.nan], "finite numbers"),
        ([0.0], "calls have no place"),
    ],
)
def test_broken_weights_are_refused(agency: Agency, weights: list[float], fault: str) -> None:
    """Another number of them, a negative or broken one, or nothing at all."""
    with pytest.raises(InputError, match=fault):
        of(agency, [Tract("a", -118.309, 34.0606, 5)], weights)


def test_weights_are_read_from_columns(tmp_path: Path, agency: Agency) -> None:
    """Each column is scaled to 1 before it counts; faults name row and column."""
    path = tmp_path / "tracts.csv"
    path.write_text("geoid,lon,lat,population,homeless\na,1,1,30,0\nb,1,1,10,4\n")
    assert load_weights(path, {"population": 1}) == (0.75, 0.25)
    assert load_weights(path, {"population": 1, "homeless": 3}) == (0.1875, 0.8125)
    with pytest.raises(InputError, match="must count for numbers"):
        load_weights(path, {})
    with pytest.raises(InputError, match="count for nothing"):
        load_weights(path, {"population": 0})
    with pytest.raises(ConfigurationError, match="line 1: no column cats; it has geoid"):
        load_weights(path, {"cats": 1})
    path.write_text("geoid,lon,lat,population,homeless\na,1,1,-3,0\nb,1,1,10,0\n")
    with pytest.raises(ConfigurationError, match=r"row 2, population: -3\.0 must be at least 0"):
        load_weights(path, {"population": 1})
    with pytest.raises(ConfigurationError, match="column homeless adds up to 0"):
        load_weights(path, {"homeless": 1})
    assert agency.demand is not None
    assert sum(load_weights(agency.demand, {"homeless_2017": 1})) == pytest.approx(1)
