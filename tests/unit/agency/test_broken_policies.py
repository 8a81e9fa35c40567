"""Broken policy files: each is the embedded policy with one small change, each names its fault."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.agency.broken_policies import BROKEN
from tests.unit.agency.policy_mutations import (
    DIVISIONS,
    END,
    HOURS,
    MADE_UP,
    PROVIDER,
    TEXT,
    area,
    provider,
    written,
)
from unarmed_router.agency.policy_file import load_policies, load_policy
from unarmed_router.errors import ConfigurationError


@pytest.mark.parametrize(("old", "new", "fault"), BROKEN.values(), ids=BROKEN)
def test_a_broken_policy_is_refused(tmp_path: Path, old: str, new: str, fault: str) -> None:
    """The fault is named with its path, its value and what to do; never a megabyte of it."""
    path = written(tmp_path, old, new)
    if "NEW away" in fault:
        path.write_text(path.read_text(encoding="utf-8") + provider("divisions = [2]"))
    with pytest.raises(ConfigurationError) as caught:
        load_policy(path, divisions=DIVISIONS)
    assert fault in str(caught.value)
    assert len(str(caught.value)) < 5_000
    assert str(caught.value).startswith(str(tmp_path))


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (TEXT.replace("Welfare check", "Wohlf\xfchlen").encode("latin-1"), "byte 0xfc is no UTF-8"),
        (TEXT.encode("utf-16"), "byte 0xff is no UTF-8; save the file as UTF-8"),
        (b"\x00" * 100, "is not TOML: "),
        (b"", "schema_version: is required"),
    ],
    ids=["Latin-1", "UTF-16", "zeros", "nothing"],
)
def test_a_file_that_is_no_text_is_refused(tmp_path: Path, content: bytes, fault: str) -> None:
    """TOML is UTF-8."""
    path = tmp_path / "policy.toml"
    path.write_bytes(content)
    with pytest.raises(ConfigurationError) as caught:
        load_policy(path, divisions=DIVISIONS)
    assert fault in str(caught.value)


def test_a_broken_file_of_codes_is_refused_with_the_policy(tmp_path: Path) -> None:
    """The message names the file of codes, not the policy."""
    path = written(tmp_path, END, "")
    codes = tmp_path / "call_codes.toml"
    text = codes.read_text(encoding="utf-8")
    codes.write_text(text.replace('call_type = "crime_report"', 'call_type = "crime"', 1))
    with pytest.raises(ConfigurationError, match="'crime' is not in call_types") as caught:
        load_policy(path, divisions=DIVISIONS)
    assert caught.value.source == str(codes)


@pytest.mark.parametrize(
    ("dates", "fault"),
    [
        (("", "effective_from = 2026-07-01"), "la-1 still covers the first day of la-2"),
        (
            ("effective_until = 2026-07-02", "effective_from = 2026-07-01"),
            "effective_until: la-1 still covers the first day of la-2 (2026-07-01); end it on",
        ),
        (("effective_from = 2026-07-01", "effective_until = 2026-07-02"), "la-2 still covers"),
        (("", ""), "still covers the first day of"),
        (
            ("effective_until = 2026-07-01", "effective_from = 2026-07-01", "la-1"),
            "id: la-1 is also",
        ),
    ],
    ids=["open end", "one day", "in the other order", "no dates", "one id"],
)
def test_policies_that_meet_are_refused(tmp_path: Path, dates: tuple[str, ...], fault: str) -> None:
    """One policy decides on each day, and each has its own id."""
    old = 'id = "la-default-2026"\neffective_from = 2026-01-01\n'
    ids = ("la-1", dates[2] if len(dates) > 2 else "la-2")
    paths = [
        written(tmp_path, old, f'id = "{policy_id}"\n{when}\n', f"{number}.toml")
        for number, (policy_id, when) in enumerate(zip(ids, dates[:2], strict=True))
    ]
    with pytest.raises(ConfigurationError) as caught:
        load_policies(paths, divisions=DIVISIONS)
    assert fault in str(caught.value)


def test_every_pair_of_policies_that_meet_is_listed(tmp_path: Path) -> None:
    """Three that cover one summer, two of one id, and one that is fine: four faults, all named."""
    old = 'id = "la-default-2026"\neffective_from = 2026-01-01\n'
    terms = {
        "spring": ("la-1", "2026-03-01", "2026-08-01"),
        "summer": ("la-2", "2026-06-01", "2026-09-01"),
        "july": ("la-1", "2026-07-01", "2026-07-15"),
        "autumn": ("la-4", "2026-09-01", "2026-12-01"),
    }
    paths = [
        written(
            tmp_path,
            old,
            f'id = "{name}"\neffective_from = {start}\neffective_until = {end}\n',
            f"{term}.toml",
        )
        for term, (name, start, end) in terms.items()
    ]
    with pytest.raises(ConfigurationError, match=r"4 faults; ") as caught:
        load_policies(paths, divisions=DIVISIONS)
    spring, summer, july, _ = map(str, paths)
    until, over = "effective_until: ", " still covers the first day of "
    assert caught.value.faults == (
        f"{spring}: {until}la-1{over}la-2 (2026-06-01); end it on that day",
        f"{spring}: {until}la-1{over}la-1 (2026-07-01); end it on that day",
        f"{spring}: id: la-1 is also that of {july}; give each its own",
        f"{summer}: {until}la-2{over}la-1 (2026-07-01); end it on that day",
    )
    assert [p.policy_id for p in load_policies(paths[1::2], divisions=DIVISIONS)] == [
        "la-2",
        "la-4",
    ]


def test_the_faults_of_every_file_come_in_one_go(tmp_path: Path) -> None:
    """Two broken policies and a broken file of codes of one of them, each fault with its file."""
    nasa = written(tmp_path, 'target = "MEU_SMART"\nbecause', 'target = "NASA"\nbecause', "1.toml")
    nan = written(tmp_path, "turnout_s = 90", "turnout_s = nan", "2.toml")
    codes = tmp_path / "call_codes.toml"
    text = codes.read_text(encoding="utf-8")
    codes.write_text(text.replace('call_type = "crime_report"', 'call_type = "crime"', 1))
    with pytest.raises(ConfigurationError) as caught:
        load_policies([nasa, nan], divisions=DIVISIONS)
    assert caught.value.source == f"{nasa}, {nan}"
    told = " | ".join(caught.value.faults)
    assert "rules.minor-alone.target: unknown target 'NASA'" in told
    assert f"{codes}: " in told
    assert f"{nan}: screening.turnout_s" in told


def test_no_policy_at_all_is_refused() -> None:
    """An agency without a policy could decide nothing."""
    with pytest.raises(ConfigurationError, match="no file is named; give at least one"):
        load_policies([], divisions=DIVISIONS)


def test_every_fault_of_the_schema_comes_in_one_go(tmp_path: Path) -> None:
    """Wrong types are listed together; names are looked up once the types are right."""
    path = written(tmp_path, "turnout_s = 90", "turnout_s = nan\nmood = 3")
    text = path.read_text(encoding="utf-8").replace(PROVIDER, "divisions = [true]\n")
    path.write_text(text.replace('id = "CIRCLE"', 'id = "CIR CLE"'), encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"policy\.toml: 4 faults; ") as caught:
        load_policy(path, divisions=DIVISIONS)
    assert [fault.split(":")[0] for fault in caught.value.faults] == [
        "programs.0.providers.1.divisions.0",
        "targets.4.id",
        "screening.turnout_s",
        "screening.mood",
    ]


def test_every_fault_of_meaning_comes_in_one_go(tmp_path: Path) -> None:
    """Duplicates, names of nothing, places served twice and dead lines stand in one message."""
    path = written(tmp_path, PROVIDER, HOURS.replace("[7, 20]", "[7, 8, 99]") % "24/7")
    text = path.read_text(encoding="utf-8")
    for old, new in (
        ('id = "minor-alone"', 'id = "weapon"'),
        ('target = "MEU_SMART"\nbecause', 'target = "NASA"\nbecause'),
        ('requires_yes = ["unhoused"]', 'requires_yes = ["weapon"]'),
        ("response_target_s = 1800", "response_target_s = 6000"),
    ):
        assert old in text
        text = text.replace(old, new, 1)
    path.write_text(text + area("[]").replace("[]", "[98]") + MADE_UP, encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"policy\.toml: 8 faults; ") as caught:
        load_policy(path, divisions=DIVISIONS)
    assert sorted(fault.split(": ")[0] for fault in caught.value.faults) == [
        "areas.valley.divisions",
        "facts.dog",
        "programs.UMCR.providers.alcott",
        "programs.UMCR.providers.alcott.divisions",
        "programs.UMCR.response_target_s",
        "referrals.5",
        "rules",
        "rules.weapon.target",
    ]
