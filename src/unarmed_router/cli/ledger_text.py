"""What the ledger commands found, in lines that a dispatcher or an auditor reads."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from unarmed_router.counted import counted
from unarmed_router.model.outcome import Outcome

if TYPE_CHECKING:
    from unarmed_router.agency.hours import LocalHours
    from unarmed_router.ledger.verify import Verification
    from unarmed_router.model.proportion import Proportion
    from unarmed_router.operations.aggregates import Aggregate, Aggregates
    from unarmed_router.operations.balance import Balance
    from unarmed_router.operations.ledger_replay import Difference, LedgerReplay
    from unarmed_router.operations.window import Window
    from unarmed_router.research.ledger_diff import LedgerChange, LedgerDiff

__all__ = [
    "balance_lines",
    "change_line",
    "diff_lines",
    "replay_lines",
    "report_lines",
    "verification_lines",
]

_WIDEST = 100
_SUM = (Outcome.ASSIGNED, Outcome.REFERRED, Outcome.WAITING, Outcome.CANCELLED)
"""In the order of the sum that must hold."""


def verification_lines(name: str, found: Verification) -> Iterator[str]:
    """Say whether a ledger is whole, and what to note of it."""
    events = counted(found.events, "event")
    if found.tombstones:
        events += f", {found.tombstones:,} of them removed by retention"
    if found.whole:
        yield f"{name}: whole; {events}"
    else:
        yield f"{name}: BROKEN: {found.fault}"
        if found.seq is not None:
            yield f"  {events} before that are whole."
        yield "  Stop, keep the file, restore a backup."
    for warning in found.warnings:
        yield f"  warning: {warning}"
    if found.events:
        yield f"  last: {found.events}:{found.head}"


def balance_lines(name: str, found: Balance, clock: LocalHours) -> Iterator[str]:
    """Show what became of the calls, that it adds up or who offends, and the redirect rate."""
    yield f"{name}: {_window(found.window, clock)}"
    yield ""
    yield f"  {'received':<28}{found.received:>7,}"
    for outcome in _SUM:
        yield f"  {outcome.value:<28}{found.total(outcome):>7,}"
        reasons = [(r, n) for (each, r), n in found.outcomes.items() if each is outcome]
        for reason, count in sorted(reasons, key=lambda item: (-item[1], item[0])):
            yield f"    {_words(reason):<26}{count:>7,}"
    yield ""
    sums = " + ".join(f"{found.total(each):,} {each.value}" for each in _SUM)
    if found.balanced:
        yield f"Balanced: {found.received:,} received = {sums}."
    else:
        equal = "=" if found.received == found.outcomes.total() else "is not"
        yield f"NOT BALANCED: {found.received:,} received {equal} {sums}."
    if found.board_fault is not None:
        yield f"The shift cannot be rebuilt from this log: {found.board_fault}."
    for offender in found.offenders:
        yield f"  {offender.call_id}: {_words(offender.fault)}: {offender.detail}"
    if found.removed:
        yield f"{found.removed:,} events were removed by retention; their calls are not counted."
    yield from _redirect_lines(found)


def _redirect_lines(found: Balance) -> Iterator[str]:
    rate = found.redirect_rate
    if rate.share is None:
        return
    yield (
        f"Handed over from the scene: {rate.count:,} of {rate.of:,} assigned calls, "
        f"{_interval(rate)}."
    )
    for target, reason, each in found.redirects():
        yield f"  {each.count:>5,}  to {target}: {_words(reason)}, {_interval(each)}"
    if found.assists:
        yield f"  {found.assists:>5,}  times a team asked for help and stayed"


def _interval(rate: Proportion) -> str:
    low, high = 100 * rate.low, 100 * rate.high
    return f"{100 * (rate.share or 0.0):.1f} % (95 % interval {low:.1f} to {high:.1f} %)"


def replay_lines(name: str, found: LedgerReplay, clock: LocalHours) -> Iterator[str]:
    """Say how many decisions came out the same, and which is the first that did not."""
    counts = {verdict.value: count for verdict, count in found.counts.items()}
    total = found.counts.total()
    yield f"{name}: {counted(total, 'decision')} made again"
    for verdict, words in _VERDICTS.items():
        if counts.get(verdict):
            yield f"  {counts[verdict]:>7,}  {words}"
    if found.removed:
        yield (
            f"  {found.removed:,} of {found.events:,} events were removed by retention; decisions "
            "among them cannot be made again"
        )
    if found.first is not None:
        yield from _difference_lines(found.first, clock)


_VERDICTS = {
    "same": "the same, to the byte",
    "same_outcome": "the same outcome; the ledger keeps no more of them",
    "different": "DIFFERENT on the same data",
    "other_version": "different, and another version of the library decided",
    "other_data": "not made again: the data are others here",
    "not_followed": "made on other data than those in force: by a process that had not followed",
    "unknowable": "not comparable: retention removed events they may have stood on",
}


def _difference_lines(first: Difference, clock: LocalHours) -> Iterator[str]:
    yield (
        f"The first that differs is event {first.seq:,}, call {first.call_id}, decided "
        f"{_time(first.at, clock)}."
    )
    for each in first.because:
        yield f"  {each}"
    if first.field:
        yield f"  {first.field}"
    if first.recorded or first.recomputed:
        yield f"    recorded:   {_cut(first.recorded)}"
        yield f"    made again: {_cut(first.recomputed)}"
    if first.verdict.value == "other_data":
        yield "  Load the data of that day, and name other policies with --policy."


def change_line(change: LedgerChange, clock: LocalHours) -> str:
    """Write a changed decision."""
    when = _time(change.decided_at, clock)
    return f"{when}  {change.call_id}: {change.old} -> {change.new}: {change.why}"


def diff_lines(compared: LedgerDiff) -> Iterator[str]:
    """Count the changed calls by their kind, most frequent first."""
    found = compared.summary()
    if found["counts"]:
        yield ""
        width = max(len(each["old"]) for each in found["counts"])
        yield f"{'calls':>7}  {'old':<{width}}  new"
    for each in found["counts"]:
        yield f"{each['calls']:>7,}  {each['old']:<{width}}  {each['new']}"
    yield f"{found['changed']:,} of {found['calls']:,} calls would have been decided otherwise"
    for reason, count in found["skipped"].items():
        yield f"{count:,} decisions were not compared: {reason}"


def report_lines(name: str, found: Aggregates, clock: LocalHours) -> Iterator[str]:
    """Show the tables; rows without a call are left out, and so are columns of hours."""
    yield f"{name}: {_window(found.window, clock)}"
    if found.calls is None:
        yield f"fewer than {found.smallest_shown} calls: nothing is shown"
        return
    yield counted(found.calls, "call")
    by_division, by_hour = found.tables
    yield from ("", by_division.name[0].upper() + by_division.name[1:])
    yield from _table(by_division)
    yield from ("", by_hour.name[0].upper() + by_hour.name[1:])
    if by_hour.cells is None:
        yield _HIDDEN
    else:
        yield from (
            f"  {hour}  {_cell(count):>7}"
            for hour, count in zip(by_hour.columns, by_hour.cells[0], strict=False)
            if count != 0
        )
    yield ""
    yield (
        f"* left out: a number from 1 to {found.smallest_shown - 1}, or one from which such a "
        "number could be worked out"
    )
    if found.removed:
        yield f"{found.removed:,} events were removed by retention; their calls are not counted"


_HIDDEN = "  not shown: too few calls to leave out the small numbers alone"


def _table(table: Aggregate) -> Iterator[str]:
    if table.cells is None:
        yield _HIDDEN
        return
    rows = [*table.rows, "total"]
    width = max(len(row) for row in rows)
    heads = [_words(column) for column in (*table.columns, "total")]
    yield "  " + " " * width + "".join(f"  {head:>{max(7, len(head))}}" for head in heads)
    for row, cells in zip(rows, table.cells, strict=True):
        if cells[-1] == 0 and row != "total":
            continue
        yield f"  {row:<{width}}" + "".join(
            f"  {_cell(cell):>{max(7, len(head))}}" for head, cell in zip(heads, cells, strict=True)
        )


def _cell(value: int | None) -> str:
    return "*" if value is None else f"{value:,}"


def _window(window: Window, clock: LocalHours) -> str:
    since = "the beginning" if window.since is None else _time(window.since, clock)
    until = "the end" if window.until is None else _time(window.until, clock)
    as_of = "" if window.as_of is None else f", outcomes as of {_time(window.as_of, clock)}"
    return f"calls received from {since} to {until}{as_of}"


def _time(at: datetime, clock: LocalHours) -> str:
    return f"{clock.local(at):%Y-%m-%d %H:%M:%S %Z}"


def _words(name: str) -> str:
    return str(name).replace("_", " ")


def _cut(text: str) -> str:
    return text if len(text) <= _WIDEST else text[:_WIDEST] + "..."
