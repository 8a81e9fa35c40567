"""The embedded policy with a small change: what the tests of policy files are written with."""

from __future__ import annotations

from pathlib import Path

from unarmed_router.agency.folder import embedded_agency

FOLDER = embedded_agency().parent
DIVISIONS = range(1, 22)
TEXT = (FOLDER / "policy.toml").read_text(encoding="utf-8")

END = ""
TOP = "schema_version = 1\n"
PROVIDER = "divisions = [7, 20] # Wilshire, Olympic\n"
WEAPON_RULE = 'id = "weapon"\nwhen = { weapon = "yes" }\n'
LONG = "x" * 1_000_000
MADE_UP = '[[facts]]\nid = "dog"\nquestion = "Is there a dog?"\n'
AID = (
    '[mutual_aid]\nmax_response_s = 2700\n[[mutual_aid.helpers]]\nprovider = "%s"\nhelps = ["%s"]\n'
)
HOURS = f'{PROVIDER}hours = "%s"\n'


def area(divisions: str, area_id: str = "valley") -> str:
    """Write an area."""
    return f'[[areas]]\nid = "{area_id}"\nname = "Valley"\ndivisions = {divisions}\n'


def provider(extra: str) -> str:
    """Write a second program with two providers, the second described by `extra`."""
    return (
        '[[programs]]\nid = "NEW"\nname = "New"\ncall_types = ["medical"]\nsource = "test"\n'
        'response_target_s = 60\n[[programs.providers]]\nid = "one"\nname = "One"\n'
        'divisions = [1]\nhours = "Mon-Fri 08:00-16:00"\nserves_until = 2026-07-01\n'
        f'source = "test"\n[[programs.providers]]\nid = "two"\nname = "Two"\n{extra}\n'
        'source = "test"\n'
    )


def referral(lines: str) -> str:
    """Write a referral line and the one that fits everything."""
    return f'[[referrals]]\n{lines}\ntarget = "LAFD"\n[[referrals]]\ntarget = "LAPD_PATROL"\n'


def written(folder: Path, old: str, new: str, name: str = "policy.toml") -> Path:
    """Write the embedded policy with one change, beside its codes; END appends."""
    (folder / "call_codes.toml").write_bytes((FOLDER / "call_codes.toml").read_bytes())
    assert old in TEXT
    path = folder / name
    path.write_text(TEXT.replace(old, new, 1) if old else f"{TEXT}\n{new}", encoding="utf-8")
    return path
