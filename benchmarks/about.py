"""What each group of benchmarks measures, in one plain line; the page shows it above the table."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["ABOUT"]

ABOUT: Mapping[str, str] = {
    "cold start": "A fresh process, from the start of Python to the first answer.",
    "cold start: import only": "A fresh process that imports one module and ends.",
    "coverage": (
        "Reach of 60 teams over the whole city, metrics of every hour included, and isochrones of "
        "the embedded roster."
    ),
    "simulation: one year, one core": (
        "Calls drawn beforehand and played by the live dispatcher: 15,000 that six teams of "
        "UMCR go to, and 200,000 of the whole city with 60 teams."
    ),
    "siting": (
        "Homes of 40 further teams chosen among all tracts of the embedded city: one after the "
        "other, the best set, and a bound that no set passes."
    ),
    "streams": "A hundred thousand synthetic calls drawn, one after the other.",
    "teams: one call, dimacs_ny": (
        "Times from k teams, at crossings of New York, to one call, in a batch of calls."
    ),
    "teams: in mid-edge, one call, from_positions, embedded": (
        "Times from k teams between crossings to one call between crossings, one Python call each: "
        "reading the Python objects of the teams is part of it."
    ),
    "teams: in mid-edge, one call, matrix, embedded": (
        "The same times from columns of positions, a thousand calls in one compiled piece."
    ),
    "nodes: 24 teams to one call": "The same question on networks of every size, all with labels.",
    "nodes: re-weighting (customize)": "A new metric on the contracted network, without labels.",
    "nodes: re-weighting with labels": "A new metric and the labels of every node.",
    "nodes: order and topology": "What is computed once a network, before any metric.",
    "calls: 24 teams, dimacs_ny": "A whole batch of so many calls, timed to 24 teams.",
    "calls: route_many": (
        "A whole list of calls decided, every decision kept: memory grows with the list."
    ),
    "calls: route_each": (
        "A stream of calls decided, every decision dropped before the next: memory does not grow."
    ),
    "points: locate_many": "A whole batch of points, each given its division.",
    "hours: calls to two moments in turn": (
        "One call decided, when the one before was in the same minute, in another minute of the "
        "same hour, or in another hour; the engines of both hours are built."
    ),
    "hours: the first call of a new hour": (
        "One call decided when the engine of its hour is not built yet: later calls of the hour do "
        "not pay this."
    ),
    "latency of one call": (
        "One call after the other, each timed, alone or while another thread puts new speeds in "
        "force again and again; both threads share Python's interpreter lock."
    ),
    "ledger: one event, durable": (
        "One event after the other, each in a transaction of its own and on the disk when it "
        "returns, but for the one in memory; beside it a bare write and sync on the same disk."
    ),
    "ledger: a call from receipt to close, durable": (
        "Five events in four transactions, one after the other."
    ),
    "ledger: a thousand events at once, durable": "One transaction of a thousand events.",
    "ledger: read back": "A ledger read from its start, each event checked against the chain.",
    "ledger: verify": "The same ledger checked in full, with everything it implies.",
    "moving teams: one fix": "One AVL position taken into a roster of so many teams, and snapped.",
    "moving teams: one snap, nothing else": "The road position of what the fixes report.",
    "moving teams: one change of status": "A team of so many becomes available, or busy.",
    "moving teams: a call after a fix": (
        "The first call after a team moved: the rows of all teams are copied for it."
    ),
    "moving teams: a call after a change of status": (
        "The first call after one of the teams became available, or busy."
    ),
    "moving teams: the digest after a fix": (
        "SHA-256 of the roster after one team moved, as the basis of a decision names it."
    ),
    "moving teams: a call, nothing moved": "The same call, when no team has moved since the last.",
    "network build": (
        "An OpenStreetMap extract read, imported, written and contracted, as `unarmed-router "
        "network build` does; the county is made up."
    ),
    "locate one point": (
        "One point given its division; the distance to the border is measured when it is read, and "
        "has a row of its own."
    ),
    "locate 100,000 points": "Points given their divisions, and nothing else, by all.",
    "locate 1,000,000 points": (
        "Points given their divisions; whether a border is near, and how far it is, are worked out "
        "when they are read, and have rows of their own."
    ),
    "the arcs of one trip": (
        "The arcs of a shortest path across a network, one Python call a trip; beside it the time "
        "of the same trip alone."
    ),
    "the streets of one trip": "Geometry, street names and turns of a path that is found already.",
    "the path of a decision": "All of that for one decided call, from `decision.path()`.",
    "re-weighting dimacs_ny": (
        "A new metric on New York from new arc times; its answers are checked outside the clock."
    ),
    "route one call": (
        "One call decided. A field of the decision is written when it is first read: `ours` and "
        "`referred` read none, others what their names say; places, parts and stacks decide "
        "nothing."
    ),
    "route 10,000 calls": (
        "Calls decided in a batch, decisions kept; rows named `read` then read the team and its "
        "times, or of a referral the reason and who takes the call."
    ),
    "triage": (
        "What one call costs before any place is looked at: a combination of type, codes and "
        "answers seen before, and one at first sight, both with the programs that take it and the "
        "verdict in its division. When first read: its questions, and arbitration put in words. A "
        "code is read and remembered when the first call has it."
    ),
    "matrix of 24 x 1,000 places, embedded": (
        "One pair of a matrix between places: snapped first, in mid-edge, access legs added."
    ),
    "route 10,000 calls: its pieces": "Parts of `route_many` alone, to see where its time goes.",
    "a shift: a day of calls and fixes, all recorded": (
        "One call of a busy day with everything that follows: a hundred fixes, its decision, its "
        "reservation and four reports, each act on the ledger before it is believed."
    ),
    "a shift: calls routed beside ten thousand fixes a second": (
        "One call decided without fixes, after ten of them, and beside a thread that sends them."
    ),
    "a shift: one fix": "One position taken by a dispatcher of 200 teams.",
    "snap 100,000 points": "Points given their nearest roads.",
    "snap one point": "One point given its nearest road.",
    "snap a few points": "A few points given their nearest roads, beside what a tutorial shows.",
    "threads: matrix of 64 x 20,000 places, embedded": (
        "One pair, when so many threads share out the destinations."
    ),
    "threads: 24 teams to 20,000 calls, dimacs_ny": (
        "One pair, when so many threads share out the calls."
    ),
    "threads: route 10,000 calls": "One call decided, when so many threads share out the calls.",
    "24 teams to one call, dimacs_ny": (
        "Exact times from 24 teams to one call on New York, by every engine, each checked."
    ),
    "24 teams to one call, dimacs_ny: common prefix alone": (
        "What finding the shared ancestors by walking would cost; branch codes spare it."
    ),
    "matrix of 24 x 1,000 nodes, embedded": "One pair of a matrix between crossings.",
}
"""By group, in the order in which they run."""
