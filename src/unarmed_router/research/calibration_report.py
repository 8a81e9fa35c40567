"""A calibration for people, for machines, and for ``agency.toml``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from unarmed_router.research.calibration import Calibration

__all__ = ["as_factors_toml", "as_plain", "as_text"]

OUTLIERS_SHOWN = 10


def as_plain(calibration: Calibration) -> dict[str, Any]:
    """Return everything as plain dicts, lists, strings and numbers."""
    plain = asdict(calibration)
    plain["factors"] = calibration.factors
    return plain


def as_text(calibration: Calibration) -> str:
    """Say in lines what was found and how much better it is."""
    return "\n".join(
        [
            *_trips(calibration),
            "",
            *_classes(calibration),
            "",
            *_proof(calibration),
            "",
            *_outliers(calibration),
            _rest(calibration),
        ]
    )


def as_factors_toml(
    calibration: Calibration, *, source: str, present: Mapping[str, float], digests: tuple[str, str]
) -> str:
    """Write the factors as the table that ``agency.toml`` takes.

    Parameters
    ----------
    calibration : Calibration
        What was found.
    source : str
        Name of the trips.
    present : mapping of str to float
        Factors that the agency has already: what was found multiplies them.
    digests : (str, str)
        Of the network and of the profile it was found with.

    Returns
    -------
    str
        TOML; a class that was not fitted keeps what it has.
    """
    found = calibration.factors
    total = {**present, **{name: found[name] * present.get(name, 1.0) for name in found}}
    held = calibration.held_out_before
    errors = (held.median_absolute_s, calibration.held_out_after.median_absolute_s)
    lines = [
        "# Factors on the time of road classes, for agency.toml in place of the table it has.",
        f"# From {calibration.before.trips} trips of {source}.",
        "# Median error of {} others: {:.1f} s before, {:.1f} s after.".format(held.trips, *errors),
        f"# Network {digests[0]}",
        f"# Profile {digests[1]}",
        "[profile.factors]",
    ]
    lines += [f"{_key(name)} = {round(total[name], 3)}" for name in sorted(total)]
    return "\n".join(lines) + "\n"


def _key(name: str) -> str:
    """Write a key of TOML bare where it may be, else quoted."""
    if name.isascii() and name.replace("_", "").replace("-", "").isalnum():
        return name
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _trips(calibration: Calibration) -> list[str]:
    fitted, held = calibration.before.trips, calibration.held_out_before.trips
    left_out = sum(calibration.skipped.values())
    lines = [f"Trips: {fitted} fitted to, {held} held out, {left_out} left out"]
    lines += [f"  {count} {why}" for why, count in calibration.skipped.items()]
    return lines


def _classes(calibration: Calibration) -> list[str]:
    width = max(len("class"), *(len(each.road_class) for each in calibration.classes))
    lines = [f"{'class':{width}}  factor  error  trips  hours"]
    for each in calibration.classes:
        error = "     " if each.error is None else f"{each.error:5.3f}"
        line = f"{each.road_class:{width}}  {each.factor:6.3f}  {error}  {each.trips:5d}"
        why = f"  keeps 1: {each.kept}" if each.kept else ""
        lines.append(f"{line}  {each.hours:5.1f}{why}")
    return lines


def _proof(calibration: Calibration) -> list[str]:
    rows = {
        "fitted to, before": calibration.before,
        "fitted to, after": calibration.after,
        "held out, before": calibration.held_out_before,
        "held out, after": calibration.held_out_after,
    }
    lines = ["error of a trip, s     mean  median    p90  predicted/observed (median)"]
    lines += [
        f"{name:20s} {each.mean_absolute_s:7.1f} {each.median_absolute_s:7.1f} "
        f"{each.p90_absolute_s:6.1f}  {each.median_ratio:.3f}"
        for name, each in rows.items()
    ]
    return lines


def _outliers(calibration: Calibration) -> list[str]:
    if not calibration.outliers:
        return ["No trip is an outlier."]
    shown = calibration.outliers[:OUTLIERS_SHOWN]
    lines = [f"Outliers: {len(calibration.outliers)} trips; the first {len(shown)}"]
    lines += [
        f"  row {each.row}: took {each.observed_s:.0f} s, predicted {each.predicted_s:.0f} s"
        for each in shown
    ]
    return lines


def _rest(calibration: Calibration) -> str:
    if calibration.settled:
        return f"The factors came to rest after {calibration.rounds} rounds."
    return (
        f"The factors did NOT come to rest in {calibration.rounds} rounds: trips flip between ways "
        "of nearly equal time. Give more trips before you use them."
    )
