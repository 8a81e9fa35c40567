"""Known factors are found again, the proof is honest, and too little data is said to be so."""

from __future__ import annotations

import json
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import cast

import numpy as np
import numpy.typing as npt
import pytest

from tests.unit.research.observed import TRUE, observed_trips, write_trips
from unarmed_router import Router
from unarmed_router.agency.folder import Agency, embedded_agency, load_agency
from unarmed_router.cli import main
from unarmed_router.errors import InputError, NetworkError
from unarmed_router.research.calibration import Calibration, calibrate
from unarmed_router.research.calibration_report import as_factors_toml, as_plain, as_text
from unarmed_router.research.class_fit import fit_classes
from unarmed_router.research.trip_times import TimedTrips, TripTimes
from unarmed_router.research.trips import Trips, read_trips

COUNT = 1200


@pytest.fixture(scope="module")
def trips(agency: Agency) -> Trips:
    """Draw trips under known factors."""
    return observed_trips(agency, COUNT, seed=7)


@pytest.fixture(scope="module")
def found(agency: Agency, trips: Trips) -> Calibration:
    """Calibrate by them."""
    return calibrate(agency, trips)


def some(trips: Trips, rows: slice) -> Trips:
    """Take some of the trips."""
    return Trips(
        trips.start[rows],
        trips.end[rows],
        trips.departure[rows],
        trips.duration_s[rows],
        trips.rows[rows],
    )


def test_known_factors_are_found_again(found: Calibration) -> None:
    """Noise of 12 % and every tenth trip grossly wrong: within 0.1, and four standard errors."""
    by_name = {each.road_class: each for each in found.classes}
    assert set(TRUE) <= set(found.factors)
    for name, each in by_name.items():
        if not each.kept:
            assert each.error is not None
            off = abs(each.factor - TRUE.get(name, 1.0))
            assert off < 0.1, name
            assert off < 4 * each.error, name
    assert found.settled


def test_the_proof_is_of_trips_the_fit_never_saw(found: Calibration, trips: Trips) -> None:
    """Held-out trips get better, and the bias goes."""
    before, after = found.held_out_before, found.held_out_after
    assert before.trips == after.trips
    used = found.before.trips + before.trips + sum(found.skipped.values())
    assert used == len(trips)
    assert after.median_absolute_s < 0.85 * before.median_absolute_s
    assert after.mean_absolute_s < before.mean_absolute_s
    assert abs(after.median_ratio - 1.0) < abs(before.median_ratio - 1.0)
    assert abs(after.median_ratio - 1.0) < 0.03


def test_gross_errors_are_named_by_row(found: Calibration, trips: Trips) -> None:
    """About every tenth trip, the worst first, each far from its prediction."""
    assert 0.07 * COUNT < len(found.outliers) < 0.13 * COUNT
    for outlier in found.outliers:
        assert outlier.observed_s == trips.duration_s[outlier.row - 2]
        ratio = outlier.observed_s / outlier.predicted_s
        assert ratio > 1.3 or ratio < 0.7


def test_stops_on_the_way_hardly_move_the_factors(
    agency: Agency, trips: Trips, found: Calibration
) -> None:
    """One-sided errors pull a mean by a quarter and a robust fit by less than a tenth."""
    stops = trips.duration_s.copy()
    stops[::8] *= 4.0
    robust = calibrate(agency, replace(trips, duration_s=stops))
    moved = max(
        abs(robust.factors[name] - found.factors[name]) for name in ("primary", "secondary")
    )
    assert moved < 0.1
    # The mean time of all trips grew by about three eighths.
    assert float(stops.sum() / trips.duration_s.sum()) > 1.25


def test_the_same_seed_is_the_same_calibration(agency: Agency, trips: Trips) -> None:
    """And another seed holds out others."""
    few = some(trips, slice(0, 400))
    one, two, other = (calibrate(agency, few, seed=seed) for seed in (3, 3, 4))
    assert one == two
    assert one.held_out_before != other.held_out_before


def test_classes_with_too_little_data_keep_their_factor(agency: Agency, trips: Trips) -> None:
    """And the report says why."""
    few = calibrate(agency, some(trips, slice(0, 150)), minimum_trips=60)
    kept = {each.road_class: each for each in few.classes if each.kept}
    assert kept["hillside"].kept == "too few trips"
    assert all(each.factor == 1.0 and each.error is None for each in kept.values())
    assert set(kept).isdisjoint(few.factors)
    assert "keeps 1: too few trips" in as_text(few)


def test_an_uncertain_factor_is_not_used(found: Calibration) -> None:
    """Ramps are short: trips enough, and still nothing is known of them."""
    ramp = next(each for each in found.classes if each.road_class == "ramp")
    assert ramp.trips >= 30
    assert ramp.kept == "too uncertain"


class OneWay:
    """Trips on a single class, whatever the factors."""

    def under(self, factors: npt.NDArray[np.float64]) -> TripTimes:
        """Drive twenty times for one to five minutes each."""
        seconds = np.linspace(60.0, 300.0, 20)
        return TripTimes(np.zeros(20), seconds[:, None], factors[0] * seconds)


def test_a_factor_beyond_the_bounds_is_not_told_as_certain() -> None:
    """Every trip takes eight times as long: at the bound of five no row tells how far off."""
    timed, rows = cast("TimedTrips", OneWay()), np.ones(20, bool)
    start = timed.under(np.ones(1))
    fit = fit_classes(timed, start, 8.0 * start.by_class_s[:, 0], rows, minimum_trips=10)
    assert not fit.certain[0]
    assert (fit.factors[0], fit.settled) == (1.0, True)


def test_no_data_at_all_is_refused(agency: Agency, trips: Trips) -> None:
    """Nothing can be fitted, and the message counts."""
    with pytest.raises(InputError, match=r"trips can be used, .* are held out; no road class is"):
        calibrate(agency, some(trips, slice(0, 20)))


@pytest.mark.parametrize("part", [0.0, 0.01, 1.0, float("nan")])
def test_a_hold_out_must_hold_out_something(agency: Agency, trips: Trips, part: float) -> None:
    """Without trips of its own the proof would be none."""
    with pytest.raises(InputError, match="hold_out is"):
        calibrate(agency, trips, hold_out=part)


def test_times_of_a_trip_are_those_of_its_classes(agency: Agency, trips: Trips) -> None:
    """At factor 1 the parts add up to the travel time; a factor multiplies its own class."""
    timed = TimedTrips(agency.speeds, agency.roads, some(trips, slice(0, 60)))
    ones = np.ones(len(agency.network.classes))
    plain = timed.under(ones)
    known = ~np.isnan(plain.predicted_s)
    total = plain.fixed_s + plain.by_class_s.sum(axis=1)
    np.testing.assert_allclose(total[known], plain.predicted_s[known], atol=0.01)
    slower = timed.under(2.0 * ones)
    drive = plain.by_class_s.sum(axis=1)
    # All classes alike: the same paths, twice the drive.
    np.testing.assert_allclose(
        slower.predicted_s[known], (plain.fixed_s + 2.0 * drive)[known], atol=0.2
    )


def test_measured_arcs_are_fixed(tmp_path: Path, trips: Trips) -> None:
    """A speed observed in its hour is no assumption, so no factor explains it."""
    folder = embedded_agency().parent
    for file in folder.iterdir():
        if file.name != "agency.toml":
            (tmp_path / file.name).symlink_to(file)
    text = (folder / "agency.toml").read_text(encoding="utf-8")
    named = text.replace("[files]", '[files]\nobserved_speeds = "observed.csv"', 1)
    (tmp_path / "agency.toml").write_text(named, encoding="utf-8")
    rows = "\n".join(f"{arc},30,0-167" for arc in range(0, 22690, 2))
    (tmp_path / "observed.csv").write_text(f"arc,speed_kph,hour_of_week\n{rows}\n")
    half = load_agency(tmp_path / "agency.toml")
    timed = TimedTrips(half.speeds, half.roads, some(trips, slice(0, 40)))
    times = timed.under(np.ones(len(half.network.classes)))
    known = ~np.isnan(times.predicted_s)
    total = times.fixed_s + times.by_class_s.sum(axis=1)
    np.testing.assert_allclose(total[known], times.predicted_s[known], atol=0.01)
    assert (times.fixed_s[known] > 30.0).mean() > 0.9


def test_the_factors_work_where_they_are_for(found: Calibration) -> None:
    """As live factors, and as the table of agency.toml, whose classes it names."""
    Router.load().update_speeds(found.factors)
    text = as_factors_toml(
        found, source="t.csv", present={"local": 2.0, "ramp": 1.1}, digests=("n", "p")
    )
    table = tomllib.loads(text)["profile"]["factors"]
    assert table["local"] == pytest.approx(2.0 * found.factors["local"], abs=0.001)
    assert table["ramp"] == 1.1
    assert table["primary"] == found.factors["primary"]
    assert "t.csv" in text


def test_a_report_is_text_and_json(found: Calibration) -> None:
    """Every class in both; JSON holds every outlier."""
    text = as_text(found)
    plain = json.loads(json.dumps(as_plain(found)))
    assert all(each.road_class in text for each in found.classes)
    assert "held out, after" in text
    assert "came to rest" in text
    assert len(plain["outliers"]) == len(found.outliers)
    assert plain["factors"] == found.factors


def test_the_command_prints_and_writes(
    trips: Trips, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The report on standard output, progress on standard error, the factors in a file."""
    table, factors = tmp_path / "trips.csv", tmp_path / "factors.toml"
    write_trips(some(trips, slice(0, 400)), table)
    arguments = ["network", "calibrate", str(table), "--output", str(factors)]
    assert main(arguments) == 0
    out, err = capsys.readouterr()
    assert out.startswith("Trips: ")
    assert "round 1: the largest move is" in err
    named = tomllib.loads(factors.read_text(encoding="utf-8"))["profile"]["factors"]
    assert main([*arguments[:3], "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["factors"] == named


HEADER = "start_lon,start_lat,end_lon,end_lat,departure,duration_s\n"
ROW = "-118.3,34.05,-118.31,34.06,2026-11-20T08:00-08:00,300\n"


def read(folder: Path, text: str) -> Trips:
    """Write trips and read them."""
    (folder / "trips.csv").write_text(text, encoding="utf-8")
    return read_trips(folder / "trips.csv")


def test_trips_are_read(tmp_path: Path) -> None:
    """Places, instants in UTC, seconds, and the row of the file."""
    trips = read(tmp_path, HEADER + ROW + ROW.replace("300", "12.5"))
    assert len(trips) == 2
    assert trips.start[0].tolist() == [-118.3, 34.05]
    assert trips.departure[0].isoformat() == "2026-11-20T16:00:00+00:00"
    assert trips.duration_s.tolist() == [300.0, 12.5]
    assert trips.rows.tolist() == [2, 3]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("duration_s", "minutes", "no column duration_s"),
        (",300", ",0", r"row 2: duration_s '0' must lie in \[1, 14400\] seconds"),
        (",300", ",20000", "row 2: duration_s '20000' must lie in"),
        (",300", ",nan", "row 2: duration_s 'nan' must be finite"),
        ("08:00-08:00", "08:00", "row 2: departure '2026-11-20T08:00' is no ISO 8601 time"),
        ("2026-11-20T08:00-08:00", "noon", "row 2: departure 'noon' is no ISO 8601 time"),
        ("-118.3,34.05", "34.05,-118.3", "row 2: start_lon '34.05' is no place.*swap them"),
        ("-118.31,34.06", "0,0", "row 2: end_lon '0' is no place"),
    ],
)
def test_broken_trips_are_refused_by_row(tmp_path: Path, old: str, new: str, words: str) -> None:
    """The file, the row, the value and the rule."""
    text = (HEADER + ROW).replace(old, new, 1)
    with pytest.raises(NetworkError, match=words):
        read(tmp_path, text)


def test_a_table_of_no_trips_is_refused(tmp_path: Path) -> None:
    """A header alone says nothing."""
    with pytest.raises(NetworkError, match="holds no trips under its header"):
        read(tmp_path, HEADER)
