"""Observed speeds: joined by way or by arc, of all hours or of some, and what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.unit.roads.towns import remembered_turn, square
from unarmed_router.errors import NetworkError
from unarmed_router.roads.network import RoadNetwork
from unarmed_router.roads.observed_profile import ObservedProfile
from unarmed_router.roads.observed_speeds import FREE_FLOW, ObservedSpeeds
from unarmed_router.roads.speeds import HourOfWeekProfile

# In the order of the network's arcs; every arc is 1000 m long.
WAYS = [11, 11, 12, 12, 13, 14, 13]
KEPT = -1


def town() -> RoadNetwork:
    """Draw the square with a way id on each arc as it is sorted."""
    given = [11, 11, 12, 12, 13, 13, 14]
    network = square(way_ids=given)
    assert network.way_id is not None
    assert network.way_id.tolist() == WAYS
    return network


def read(folder: Path, text: str, network: RoadNetwork | None = None) -> ObservedSpeeds:
    """Write a table and read it."""
    path = folder / "observed.csv"
    path.write_text(text, encoding="utf-8")
    return ObservedSpeeds.read_csv(path, network or town())


def at(observed: ObservedSpeeds, hour: int) -> list[int]:
    """Return what an hour puts in the place of times that are all `KEPT`."""
    found: list[int] = observed.put(np.full(7, KEPT, np.int32), hour).tolist()
    return found


def test_a_way_gives_its_speed_to_all_its_arcs(tmp_path: Path) -> None:
    """A kilometre at 36 km/h is 100 s, in both directions."""
    observed = read(tmp_path, "way_id,speed_kph\n11,36\n13,18\n")
    assert at(observed, FREE_FLOW) == [100_000] * 2 + [KEPT] * 2 + [200_000, KEPT, 200_000]
    assert at(observed, 7) == [KEPT] * 7


def test_an_arc_has_a_speed_of_its_own(tmp_path: Path) -> None:
    """One direction only, and no way ids are needed."""
    observed = read(tmp_path, "arc,speed_kph\n1,72\n", square())
    assert at(observed, FREE_FLOW) == [KEPT, 50_000] + [KEPT] * 5


def test_a_speed_holds_for_all_arcs_over_a_road(tmp_path: Path) -> None:
    """As many pass on a road as stop there; an arc with a row of its own keeps it."""
    network = remembered_turn()
    one = read(tmp_path, "arc,speed_kph\n0,36\n", network)
    assert one.put(np.full(5, KEPT, np.int32), FREE_FLOW).tolist() == [100_000] * 2 + [KEPT] * 3
    two = read(tmp_path, "arc,speed_kph\n0,36\n1,18\n", network)
    given = two.put(np.full(5, KEPT, np.int32), FREE_FLOW).tolist()
    assert given == [100_000, 200_000, KEPT, KEPT, KEPT]


def test_a_speed_that_takes_over_six_hours_is_refused(tmp_path: Path) -> None:
    """As of every arc; times the profile it overflowed, and the first call of its hour failed."""
    long = square(length_m=[6_000.0] * 5 + [6_000.1] * 2)
    table = "arc,speed_kph\n1,1\n"
    assert at(read(tmp_path, table, long), FREE_FLOW)[1] == 21_600_000
    words = r"row 3: speed_kph '1' takes over 6 h along arc 5, and nobody drives so"
    with pytest.raises(NetworkError, match=words):
        read(tmp_path, f"{table}5,1\n", long)


def test_hours_are_a_number_a_range_or_all(tmp_path: Path) -> None:
    """Both ends of a range belong to it; an empty cell is free flow."""
    text = "way_id,speed_kph,hour_of_week\n11,36,\n11,18,7-8\n11,9,31\n"
    observed = read(tmp_path, text)
    first = {hour: at(observed, hour)[0] for hour in (FREE_FLOW, 6, 7, 8, 9, 31)}
    assert first == {FREE_FLOW: 100_000, 6: KEPT, 7: 200_000, 8: 200_000, 9: KEPT, 31: 400_000}


def test_what_did_not_match_is_reported(tmp_path: Path) -> None:
    """A table of a whole county covers more than a clipped network."""
    observed = read(tmp_path, "way_id,speed_kph\n11,36\n99,50\n98,50\n")
    report = observed.report
    assert (report.rows, report.rows_unmatched, report.ways_unmatched) == (3, 2, (99, 98))
    assert (report.arcs, report.metres) == (2, 2000.0)
    assert report.share == pytest.approx(2 / 7)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("way_id,arc,speed_kph\n11,0,36\n", "give one of the columns way_id and arc"),
        ("speed_kph\n36\n", "give one of the columns way_id and arc"),
        ("way_id,speed\n11,36\n", "no column speed_kph"),
        ("way_id,speed_kph\n11,0.5\n", r"row 2: speed_kph '0.5' must lie in \[1, 160\]"),
        ("way_id,speed_kph\n11,nan\n", "row 2: speed_kph 'nan' must be finite"),
        ("way_id,speed_kph\n11,36\n11,40\n", "row 3: way_id '11' has another speed"),
        ("way_id,speed_kph\n0,36\n", "row 2: way_id '0' stands for no way"),
        ("way_id,speed_kph\n77,36\n", "none of its 1 rows is of a road of the network"),
        ("arc,speed_kph\n7,36\n", "row 2: arc '7' is no arc of the network, which has 0 to 6"),
        ("arc,speed_kph\n-1,36\n", "row 2: arc '-1' is no arc"),
        ("arc,speed_kph,hour_of_week\n1,36,168\n", "row 2: hour_of_week '168' is no hour 0"),
        ("arc,speed_kph,hour_of_week\n1,36,9-7\n", "hour_of_week '9-7' is no hour"),
        ("arc,speed_kph,hour_of_week\n1,36,Mo\n", "hour_of_week 'Mo' is no hour"),
        ("arc,speed_kph,hour_of_week\n1,36,-1\n", "hour_of_week '-1' is no hour"),
        ("arc,speed_kph,hour_of_week\n1,36,7-\n", "hour_of_week '7-' is no hour"),
        ("arc,speed_kph,hour_of_week\n1,36,1_0\n", "hour_of_week '1_0' is no hour"),
        ("arc,speed_kph,hour_of_week\n1,36,\u0667\n", "hour_of_week '\u0667' is no hour"),
        (
            "arc,speed_kph,hour_of_week\n1,36,7-9\n1,40,9\n",
            "row 3: arc '1' has another speed of the same hour",
        ),
    ],
)
def test_a_broken_table_is_refused(tmp_path: Path, text: str, words: str) -> None:
    """The file, the row, the value and the rule."""
    with pytest.raises(NetworkError, match=words) as caught:
        read(tmp_path, text)
    assert "observed.csv" in str(caught.value)


def test_a_table_by_way_needs_way_ids(tmp_path: Path) -> None:
    """The message says how to come by them."""
    with pytest.raises(NetworkError, match="the network has no way ids; build it from OpenStr"):
        read(tmp_path, "way_id,speed_kph\n11,36\n", square())


def profile() -> HourOfWeekProfile:
    """Double every time from hour 7 on."""
    factors = np.where(np.arange(168)[:, None] >= 7, 2.0, 1.0)
    return HourOfWeekProfile(factors, ("all",), {}, "all")


def times(chosen: HourOfWeekProfile, hour: int) -> list[int]:
    """Return the time of every arc of the town."""
    network = town()
    found: list[int] = chosen.arc_ms(
        free_flow_ms=network.free_flow_ms,
        road_class=network.road_class,
        classes=network.classes,
        hour=hour,
    ).tolist()
    return found


def test_the_profile_multiplies_free_flow_and_not_what_an_hour_measured(tmp_path: Path) -> None:
    """Way 11 has a free-flow speed, way 12 one of hour 8; the others keep the profile."""
    text = "way_id,speed_kph,hour_of_week\n11,36,\n12,18,8\n"
    chosen = ObservedProfile.of(profile(), read(tmp_path, text))
    assert times(chosen, 0) == [100_000] * 2 + [60_000] * 5
    assert times(chosen, 7) == [200_000] * 2 + [120_000] * 5
    assert times(chosen, 8) == [200_000] * 2 + [200_000] * 2 + [120_000] * 3
    assert chosen.measured(8).tolist() == [2, 3]
    assert chosen.measured(7).tolist() == []


def test_hours_of_equal_times_share_an_engine_and_no_others(tmp_path: Path) -> None:
    """Factors and observed speeds must both agree."""
    text = "way_id,speed_kph,hour_of_week\n11,36,9-10\n12,18,12\n"
    chosen = ObservedProfile.of(profile(), read(tmp_path, text))
    keys = {hour: chosen.representative(hour) for hour in (0, 6, 7, 8, 9, 10, 11, 12, 13)}
    assert keys == {0: 0, 6: 0, 7: 7, 8: 7, 9: 9, 10: 9, 11: 7, 12: 12, 13: 7}
    for hour in range(168):
        assert times(chosen, hour) == times(chosen, chosen.representative(hour))


def test_digests_tell_tables_apart(tmp_path: Path) -> None:
    """Decisions name what they were timed by."""
    tables: dict[str, Any] = {
        text: ObservedProfile.of(
            profile(), read(tmp_path, f"way_id,speed_kph,hour_of_week\n{text}")
        )
        for text in ("11,36,\n", "11,37,\n", "12,36,\n", "11,36,7\n", "11,36,8\n")
    }
    digests = {each.digest for each in tables.values()} | {profile().digest}
    assert len(digests) == 6
    again = ObservedProfile.of(profile(), read(tmp_path, "way_id,speed_kph\n11,36\n"))
    assert again.digest == tables["11,36,\n"].digest


def test_class_factors_multiply_the_profile_and_keep_what_was_measured(tmp_path: Path) -> None:
    """A calibrated class is slower wherever its time is an assumption."""
    text = "way_id,speed_kph,hour_of_week\n12,18,8\n"
    chosen = ObservedProfile.of(profile(), read(tmp_path, text))
    scaled = chosen.scaled({"side": 1.5}, town().classes)
    # The classes of the arcs in order: main, main, side ...
    assert times(scaled, 0) == [60_000, 61_000, *[90_000] * 5]
    assert times(scaled, 8) == [120_000, 122_000, 200_000, 200_000, *[180_000] * 3]
    assert scaled.digest != chosen.digest
    assert isinstance(scaled, ObservedProfile)


def test_no_factors_leave_a_profile_as_it_is() -> None:
    """The digest of an agency that was never calibrated stays."""
    plain = profile()
    assert plain.scaled({}, town().classes) is plain


@pytest.mark.parametrize(
    ("factors", "words"),
    [
        ({"rail": 1.2}, "road class rail is not in the network; it has main, side"),
        ({"side": 6.0}, r"hour 7, side: factor 12\.0; it must lie in \[0\.1, 10\.0\]"),
    ],
)
def test_broken_factors_are_refused(factors: dict[str, float], words: str) -> None:
    """By class and by hour."""
    with pytest.raises(NetworkError, match=words):
        profile().scaled(factors, town().classes)
