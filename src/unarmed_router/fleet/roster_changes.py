"""Another roster file in the place of the one in force: who stays, who comes, who goes, and how.

One function says so, whether a shift is opened with the file or reads it while it runs.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

from unarmed_router.model.team import TeamState
from unarmed_router.model.written import Written

__all__ = ["RosterChanges", "carried_over"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterChanges(Written):
    """What another roster file has changed; all of it empty where it says the same.

    Parameters
    ----------
    added : tuple of str
        Teams that were not there; they begin as the file says.
    changed : tuple of str
        Teams that stay and are described otherwise, in whatever: program, provider, home, hours,
        crew, capabilities, turnout. What they are doing, since when, and where they are is kept.
    removed : tuple of str
        Teams that are gone.
    finishing : tuple of str
        Teams that the file leaves out and that a call holds. Each stays until a roster is taken in
        after its call is over; until then it has no shift, and is sent to no other call.
    """

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    finishing: tuple[str, ...] = ()


def carried_over(
    file: Iterable[TeamState], known: Iterable[TeamState], busy: Collection[str]
) -> tuple[tuple[TeamState, ...] | None, RosterChanges]:
    """Take the teams of a roster file, with what is known of those that stay.

    Parameters
    ----------
    file : iterable of TeamState
        Every team of the file once; the status it gives counts for new teams alone.
    known : iterable of TeamState
        The teams in force.
    busy : collection of str
        Ids of those among them that a call holds: left out by the file, one stays, without a shift.
        So it is sent nowhere else, its reports are taken, and no call loses its team.

    Returns
    -------
    tuple of (tuple of TeamState or None, RosterChanges)
        The teams in order of id, None where they are just those in force; and what is another.
        Road positions are those of before, where there were any.
    """
    before = {state.team.team_id: state for state in known}
    after = {state.team.team_id: state for state in file}
    for team_id in before.keys() & after.keys():
        after[team_id] = replace(before[team_id], team=after[team_id].team)
    finishing = sorted((before.keys() & set(busy)) - after.keys())
    changed = [
        team_id
        for team_id in sorted(before.keys() & after.keys())
        if after[team_id].team != before[team_id].team
    ]
    for team_id in finishing:
        state = before[team_id]
        after[team_id] = replace(state, team=replace(state.team, shifts=()))
    changes = RosterChanges(
        added=tuple(sorted(after.keys() - before.keys())),
        changed=tuple(changed),
        removed=tuple(sorted(before.keys() - after.keys())),
        finishing=tuple(finishing),
    )
    same = {team_id: state.team for team_id, state in before.items()} == {
        team_id: state.team for team_id, state in after.items()
    }
    teams = None if same else tuple(state for _, state in sorted(after.items()))
    return teams, changes
