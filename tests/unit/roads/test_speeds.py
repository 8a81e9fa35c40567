"""The hour-of-week profile: which hour, which factor, what is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from unarmed_router.errors import InputError, NetworkError
from unarmed_router.roads.speeds import HourOfWeekProfile

ROWS = [f"{hour},{1 + hour / 1000:.3f},{1 + hour / 500:.3f}" for hour in range(168)]


def written(folder: Path, rows: list[str], header: str = "hour_of_week,fast,slow") -> Path:
    """Write a profile."""
    path = folder / "profile.csv"
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path


def read(path: Path) -> HourOfWeekProfile:
    """Read a profile in which motorways are fast and everything else is slow."""
    return HourOfWeekProfile.read_csv(path, group_of={"motorway": "fast"}, default="slow")


def test_times_are_multiplied_by_class_and_hour_and_rounded(tmp_path: Path) -> None:
    """A motorway takes one factor, any other class the default's, and no time falls below 1 ms."""
    times = read(written(tmp_path, ROWS)).arc_ms(
        free_flow_ms=np.array([10_000, 10_000, 1], dtype=np.int32),
        road_class=np.array([1, 0, 1], dtype=np.uint8),
        classes=("alley", "motorway"),
        hour=100,
    )
    assert times.tolist() == [11_000, 12_000, 1]
    assert times.dtype == np.int32
    assert not times.flags.writeable


def test_rounding_never_gives_zero(tmp_path: Path) -> None:
    """One millisecond at a tenth is still one."""
    rows = [f"{hour},0.1,0.1" for hour in range(168)]
    times = read(written(tmp_path, rows)).arc_ms(
        free_flow_ms=np.array([1], dtype=np.int32),
        road_class=np.array([0], dtype=np.uint8),
        classes=("a",),
        hour=0,
    )
    assert times.tolist() == [1]


def test_the_longest_arc_at_the_highest_factor_fits(tmp_path: Path) -> None:
    """Six hours times ten stay inside int32."""
    rows = [f"{hour},10,10" for hour in range(168)]
    times = read(written(tmp_path, rows)).arc_ms(
        free_flow_ms=np.array([21_600_000], dtype=np.int32),
        road_class=np.array([0], dtype=np.uint8),
        classes=("a",),
        hour=0,
    )
    assert times.tolist() == [216_000_000]


def test_the_flat_profile_changes_nothing() -> None:
    """Without congestion every hour is free flow, and all hours share their times."""
    profile = HourOfWeekProfile.flat()
    assert profile.class_factors(("a", "b"), 167).tolist() == [1.0, 1.0]
    assert {profile.representative(hour) for hour in range(168)} == {0}


def test_hours_of_equal_factors_share_a_representative(tmp_path: Path) -> None:
    """The first of them stands for all."""
    rows = [f"{hour},{1 + hour % 24 / 10},1" for hour in range(168)]
    profile = read(written(tmp_path, rows))
    assert [profile.representative(hour) for hour in (5, 29, 167)] == [5, 5, 23]


def test_rows_may_come_in_any_order(tmp_path: Path) -> None:
    """The hour is a column, not a position."""
    profile = read(written(tmp_path, ROWS))
    assert read(written(tmp_path, ROWS[::-1])).digest == profile.digest


def test_the_digest_tells_profiles_apart(tmp_path: Path) -> None:
    """One factor or another mapping is another profile."""
    profile = read(written(tmp_path, ROWS))
    other = read(written(tmp_path, [*ROWS[:-1], "167,1.5,1.5"]))
    mapped = HourOfWeekProfile(profile.factors, profile.groups, {"trunk": "fast"}, "slow")
    assert len({profile.digest, other.digest, mapped.digest}) == 3


@pytest.mark.parametrize(
    ("row", "new", "words"),
    [
        (3, "3,0.09,1", r"row 5: fast '0.09' must lie in \[0.1, 10.0\]"),
        (3, "3,1,10.1", r"row 5: slow '10.1' must lie in"),
        (3, "3,nan,1", r"row 5: fast 'nan' must be finite"),
        (3, "3,x,1", r"row 5: fast 'x' is not a number"),
        (3, "2,1,1", r"row 5: hour_of_week '2' must be 0 to 167, each hour once"),
        (3, "168,1,1", r"row 5: hour_of_week '168' must be 0 to 167"),
        (3, "3.5,1,1", r"row 5: hour_of_week '3.5' must be 0 to 167"),
        (3, "", r"line 5: is blank"),
    ],
)
def test_a_broken_row_is_refused(tmp_path: Path, row: int, new: str, words: str) -> None:
    """Every hour once, each factor between a tenth and ten."""
    path = written(tmp_path, [*ROWS[:row], new, *ROWS[row + 1 :]])
    with pytest.raises(NetworkError, match=words):
        read(path)


def test_a_week_has_all_its_hours(tmp_path: Path) -> None:
    """A missing hour is refused."""
    with pytest.raises(NetworkError, match="167 hours; a week has 168"):
        read(written(tmp_path, ROWS[1:]))


@pytest.mark.parametrize("bound", ["0.1", "10"])
def test_the_bounds_of_a_factor_are_inclusive(tmp_path: Path, bound: str) -> None:
    """A tenth and ten are factors."""
    profile = read(written(tmp_path, [f"0,{bound},1", *ROWS[1:]]))
    assert profile.class_factors(("motorway",), 0).tolist() == [float(bound)]


def test_a_missing_column_is_refused(tmp_path: Path) -> None:
    """The mapping names columns of the file."""
    path = written(tmp_path, ROWS, header="hour_of_week,fast,other")
    with pytest.raises(NetworkError, match="no column slow; it has hour_of_week, fast, other"):
        read(path)


@pytest.mark.parametrize(
    ("factors", "default", "words"),
    [
        (np.ones((24, 1)), "a", r"shape \(24, 1\); it needs 168 hours by 1 groups"),
        (np.ones((168, 1)), "b", "no group b; it has a"),
        (np.full((168, 1), np.nan), "a", "hour 0, a: factor nan"),
    ],
)
def test_arrays_that_are_no_profile_are_refused(
    factors: np.ndarray[tuple[int, int], np.dtype[np.float64]], default: str, words: str
) -> None:
    """The constructor checks what the reader checks."""
    with pytest.raises(NetworkError, match=words):
        HourOfWeekProfile(factors, ("a",), {}, default)


@pytest.mark.parametrize("hour", [-1, 168])
def test_an_hour_outside_the_week_is_refused(hour: int) -> None:
    """Hours are 0 to 167."""
    with pytest.raises(InputError, match=f"hour of the week {hour} is outside 0 to 167"):
        HourOfWeekProfile.flat().class_factors(("a",), hour)
