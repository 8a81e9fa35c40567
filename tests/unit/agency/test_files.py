"""Agency, policy and roster files: every fault in one go, with its path."""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

from unarmed_router.agency.folder import embedded_agency, load_agency
from unarmed_router.agency.policy_file import load_policy
from unarmed_router.agency.roster_file import load_roster
from unarmed_router.errors import ConfigurationError, UnarmedRouterError
from unarmed_router.model.policy import Policy
from unarmed_router.model.team import TeamStatus

FOLDER = embedded_agency().parent
DIVISIONS = range(1, 22)


@pytest.fixture(scope="module")
def policy() -> Policy:
    """Load the embedded policy."""
    return load_policy(FOLDER / "policy.toml", divisions=DIVISIONS)


def edited(tmp_path: Path, name: str, old: str, new: str) -> Path:
    """Copy an embedded file with one change, beside the codes that a policy reads."""
    shutil.copy(FOLDER / "call_codes.toml", tmp_path)
    text = (FOLDER / name).read_text()
    assert old in text
    path = tmp_path / name
    path.write_text(text.replace(old, new, 1))
    return path


def test_the_embedded_policy_says_where_every_rule_comes_from() -> None:
    """UMCR has six divisions, three providers and six kinds of call."""
    policy = load_policy(FOLDER / "policy.toml", divisions=DIVISIONS)
    umcr = policy.programs[0]
    served = sorted(number for provider in umcr.providers for number in provider.divisions)
    assert served == [7, 8, 10, 17, 18, 20]
    assert (len(umcr.providers), len(umcr.call_types)) == (3, 6)
    assert {"LINE_988", "CIRCLE", "MEU_SMART", "LAFD", "LAPD_PATROL"} <= set(policy.targets)


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("schema_version = 1", "schema_version = 2", "schema_version: must be at most"),
        ("schema_version = 1", "", "schema_version: is required"),
        ('id = "la-default-2026"', 'id = ""', "id: must"),
        ("turnout_s = 90", "turnout_s = -1", "screening.turnout_s: must be"),
        ("turnout_s = 90", "turnout_s = 1.5", "screening.turnout_s: must be"),
        ("turnout_s = 90", "turnout_s = nan", "screening.turnout_s: must be"),
        ("turnout_s = 90", "turnabout_s = 90", "screening.turnabout_s: is not known"),
        ('stale_fix = "exclude"', 'stale_fix = "guess"', "screening.stale_fix: must be"),
        ("divisions = [8, 18]", "divisions = [8, 99]", "there is no division 99"),
        ("divisions = [8, 18]", "divisions = [8, 7]", "division 7 is already served by exodus"),
        ("divisions = [8, 18]", "divisions = []", "exodus: serves no place"),
        ("when = { weapon = \"yes\" }", "when = { wepon = \"yes\" }", "unknown fact 'wepon'"),
        ("when = { weapon = \"yes\" }", "when = { weapon = \"maybe\" }", "rules.1.when.weapon"),
        ("when = { weapon = \"yes\" }", "when = {}", "rules.1.when"),
        ('target = "LAFD"', 'target = "NASA"', "unknown target 'NASA'"),
        ('id = "violence"', 'id = "weapon"', "facts: id 'weapon' is given twice"),
        ('"mental_health", "substance_use"', '"mental_helth"', "unknown call type 'mental_helth'"),
        ('reasons = ["out_of_jurisdiction"]', 'reasons = ["lost"]', "referrals.0.reasons.0"),
        ("effective_from = 2026-01-01", "effective_from = 2026-01-01\neffective_until = 2025-01-01",
         "effective_until: 2025-01-01 is not after"),
        ("schema_version = 1", "schema_version = ", "is not TOML"),
    ],
)  # fmt: skip
def test_a_broken_policy_is_refused(tmp_path: Path, old: str, new: str, fault: str) -> None:
    """Each broken entry is named with its path and value."""
    path = edited(tmp_path, "policy.toml", old, new)
    with pytest.raises(ConfigurationError) as caught:
        load_policy(path, divisions=DIVISIONS)
    assert fault in str(caught.value)
    assert str(caught.value).startswith(str(path))


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        (
            'when = { weapon = "yes" }',
            'when = { weapon = "no" }',
            "facts.weapon: no rule keeps UMCR",
        ),
        (
            'when = { weapon = "yes" }',
            'when = { weapon = "yes", violence = "yes" }',
            "facts.weapon",
        ),
        ('id = "weapon"\nwhen', 'id = "weapon"\nprograms = []\nwhen', "rules.1.programs"),
        ('danger = "none"', 'danger = "yes"', "facts.unhoused: no rule keeps UMCR away"),
    ],
)
def test_a_policy_never_fails_open(tmp_path: Path, old: str, new: str, fault: str) -> None:
    """A danger that no rule alone keeps every program away from is refused, not overlooked."""
    path = edited(tmp_path, "policy.toml", old, new)
    with pytest.raises(ConfigurationError) as caught:
        load_policy(path, divisions=DIVISIONS)
    assert fault in str(caught.value)


def test_a_policy_without_rules_is_refused(tmp_path: Path) -> None:
    """Every danger is then unruled."""
    path = edited(tmp_path, "policy.toml", "[[rules]]", "[[rules]]")
    text = path.read_text()
    start, end = text.index("[[rules]]"), text.index("[[targets]]")
    path.write_text(text[:start] + text[end:])
    with pytest.raises(ConfigurationError) as caught:
        load_policy(path, divisions=DIVISIONS)
    assert len(caught.value.faults) == 5


def test_every_fault_is_listed_at_once(tmp_path: Path) -> None:
    """Three faults of one file come in one error."""
    path = edited(tmp_path, "policy.toml", "divisions = [8, 18]", "divisions = [8, 99, 7]")
    path.write_text(path.read_text().replace('target = "LAFD"', 'target = "NASA"', 1))
    with pytest.raises(ConfigurationError) as caught:
        load_policy(path, divisions=DIVISIONS)
    assert len(caught.value.faults) == 3


def test_a_referral_table_must_end_with_a_line_that_fits_everything(tmp_path: Path) -> None:
    """Without it some call would have nobody."""
    path = edited(
        tmp_path,
        "policy.toml",
        '[[referrals]]\ntarget = "LAPD_PATROL"\n',
        '[[referrals]]\nreasons = ["ineligible"]\ntarget = "LAPD_PATROL"\n',
    )
    with pytest.raises(ConfigurationError, match="the last line must fit everything"):
        load_policy(path, divisions=DIVISIONS)


def test_line_ends_do_not_change_the_digest(tmp_path: Path, policy: Policy) -> None:
    """A checkout on another system carries the same policy."""
    path = tmp_path / "policy.toml"
    for name in ("policy.toml", "call_codes.toml"):
        content = (FOLDER / name).read_bytes()
        (tmp_path / name).write_bytes(content.replace(b"\n", b"\r\n"))
    assert load_policy(path, divisions=DIVISIONS).digest == policy.digest


def test_a_byte_order_mark_does_not_change_the_digest(tmp_path: Path, policy: Policy) -> None:
    """Editors on Windows write one, and nobody sees it."""
    for name in ("policy.toml", "call_codes.toml"):
        (tmp_path / name).write_bytes(b"\xef\xbb\xbf" + (FOLDER / name).read_bytes())
    found = load_policy(tmp_path / "policy.toml", divisions=DIVISIONS)
    assert found.digest == policy.digest


def test_a_roster_of_another_kind_is_told_what_kinds_there_are(
    tmp_path: Path, policy: Policy
) -> None:
    """A spreadsheet is not broken TOML; a file that is not there is still told as such."""
    path = tmp_path / "roster.xlsx"
    path.write_bytes(b"PK\x03\x04")
    with pytest.raises(ConfigurationError, match=r"ends in \.toml or \.csv; rename it"):
        load_roster(path, policies=[policy])
    with pytest.raises(ConfigurationError, match="cannot be read: No such file"):
        load_roster(tmp_path / "none", policies=[policy])


def test_the_embedded_roster_has_two_teams_a_provider(policy: Policy) -> None:
    """Six teams, all available, round the clock."""
    states = load_roster(FOLDER / "roster.toml", policies=[policy])
    providers = [state.team.provider for state in states]
    assert {p: providers.count(p) for p in providers} == {"alcott": 2, "exodus": 2, "penny-lane": 2}
    assert {state.status for state in states} == {TeamStatus.AVAILABLE}


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('id = "ALC-2"', 'id = "ALC-1"', "teams.ALC-1: the id is given twice"),
        ('provider = "alcott"', 'provider = "acme"', "'acme' is no provider of UMCR"),
        ('program = "UMCR"', 'program = "XYZ"', "unknown program 'XYZ'"),
        ("home_lat = 34.046748", "home_lat = 134.0", "teams.ALC-1: latitude 134.0 is outside"),
        ("home_lat = 34.046748", "home_lat = inf", "home_lat: must be a finite number"),
        ('status = "available"', 'status = "ready"', "teams.0.status"),
        ('status = "available"\n', "", "teams.0.status: is required"),
        ('shifts = "24/7"', 'shifts = "always"', "shift 'always' is not of the form"),
        ('shifts = "24/7"', 'shifts = "Mon-Fri 25:00-08:00"', "an hour that no clock shows"),
        ('shifts = "24/7"', 'shifts = "Mon-Foo 08:00-16:00"', "a day that is none of"),
    ],
)
def test_a_broken_roster_is_refused(
    tmp_path: Path, policy: Policy, old: str, new: str, fault: str
) -> None:
    """Each broken team is named."""
    path = edited(tmp_path, "roster.toml", old, new)
    with pytest.raises(ConfigurationError) as caught:
        load_roster(path, policies=[policy])
    assert fault in str(caught.value)


def test_a_csv_roster_says_the_same_as_a_toml_one(tmp_path: Path, policy: Policy) -> None:
    """Numbers, capabilities and optional columns keep their types."""
    path = tmp_path / "roster.csv"
    path.write_text(
        "id,provider,program,home_lon,home_lat,status,shifts,capabilities,crew_size,turnout_s,"
        "idle_since\n"
        "A,alcott,UMCR,-118.34,34.05,available,Mon-Fri 08:00-24:00,spanish; korean,3,45,"
        "2026-03-02T08:00:00-08:00\n"
        "B,exodus,UMCR,-118.45,34.04,off_duty,,,,,\n"
    )
    first, second = load_roster(path, policies=[policy])
    assert first.team.capabilities == ("korean", "spanish")
    assert (first.team.crew_size, first.team.turnout_s) == (3, 45)
    assert first.idle_since is not None
    assert first.team.shifts[0].days == (0, 1, 2, 3, 4)
    assert second.status is TeamStatus.OFF_DUTY


def test_languages_are_capabilities_of_a_team(tmp_path: Path, policy: Policy) -> None:
    """A call that needs a language finds them, in either kind of file."""
    path = tmp_path / "roster.csv"
    path.write_text(
        "id,provider,program,home_lon,home_lat,status,capabilities,languages\n"
        "A,alcott,UMCR,-118.34,34.05,available,clinician,spanish; korean\n"
    )
    (state,) = load_roster(path, policies=[policy])
    assert state.team.capabilities == ("clinician", "korean", "spanish")


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ("A,alcott,UMCR,west,34.05,available", "row 2: home_lon: must be a number"),
        ("A,alcott,UMCR,-118.3,34.05,", "row 2: status: is required"),
        ("A,alcott,UMCR,-118.3,34.05,available,extra", "line 2: 7 values under 6 titles"),
        ("A,alcott,UMCR,nan,34.05,available", "row 2: home_lon: must be a finite number"),
    ],
)
def test_a_broken_csv_roster_is_refused(
    tmp_path: Path, policy: Policy, row: str, fault: str
) -> None:
    """Each broken row is named."""
    path = tmp_path / "roster.csv"
    path.write_text(f"id,provider,program,home_lon,home_lat,status\n{row}\n")
    with pytest.raises(ConfigurationError) as caught:
        load_roster(path, policies=[policy])
    assert fault in str(caught.value)


HEAD = "id,provider,program,home_lon,home_lat,status\n"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "names no columns; write their titles there, such as id, provider"),
        (HEAD, "has no teams"),
        ("id,status,status\nA,available,off_duty\n", "column status is given twice"),
        (HEAD + '"A,alcott\n', "line 2: is no CSV: .*quotation marks"),
        (HEAD.replace("id,", "id,nick,") + "A,Al,alcott\n", "column nick is unknown"),
        (HEAD.replace("status", "state"), "no column status; it has .*state"),
        ("id,provider\nA,alcott\n", "no column program, home_lon, home_lat, status"),
    ],
)
def test_a_hollow_csv_roster_is_refused(
    tmp_path: Path, policy: Policy, text: str, fault: str
) -> None:
    """An empty file must not quietly refer every call, nor a doubled column choose a status."""
    path = tmp_path / "roster.csv"
    path.write_text(text)
    with pytest.raises(ConfigurationError, match=fault):
        load_roster(path, policies=[policy])


def test_a_home_off_every_road_is_refused(tmp_path: Path) -> None:
    """Such a team could never be sent."""
    path = agency_folder(tmp_path)
    (tmp_path / "roster.toml").unlink()
    text = (FOLDER / "roster.toml").read_text()
    (tmp_path / "roster.toml").write_text(text.replace("-118.342830", "-100.0", 1))
    with pytest.raises(ConfigurationError, match=r"teams\.ALC-1: home_lon -100\.0"):
        load_agency(path)


def agency_folder(tmp_path: Path, old: str = "", new: str = "") -> Path:
    """Lay a copy of the embedded folder, with one change of its agency.toml."""
    for file in FOLDER.iterdir():
        (tmp_path / file.name).symlink_to(file)
    text = (FOLDER / "agency.toml").read_text()
    (tmp_path / "agency.toml").unlink()
    (tmp_path / "agency.toml").write_text(text.replace(old, new, 1) if old else text)
    return tmp_path / "agency.toml"


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("America/Los_Angeles", "America/Lost_Angels", "timezone 'America/Lost_Angels' is not"),
        ('"policy.toml"', '"nowhere.toml"', "nowhere.toml"),
        ('"divisions.geojson"', '"nowhere.geojson"', "nowhere.geojson"),
        ('"roads.network"', '"nowhere.network"', "nowhere.network"),
        ('"roads.network"', '"policy.toml"', "policy.toml"),
        ('"congestion.csv"', '"tracts.csv"', "tracts.csv"),
        ("limit_m = 2000.0", "limit_m = -1.0", "snapping.limit_m"),
        ("access_kph = 20.0", "access_kph = inf", "snapping.access_kph"),
        ("access_kph = 20.0", "access_kph = 0.005", "snapping: at access_kph 0.005 the 2000.0 m"),
        ('motorway = "motorway"', 'motorway = "freeway"', "freeway"),
        (
            "{ motorway =",
            "{ mtorway =",
            "profile.classes: road class mtorway",
        ),
        (
            'default = "arterial"',
            'default = "arterial"\nfactors = { locl = 1.2 }',
            "profile.factors: road class locl",
        ),
        (
            'default = "arterial"',
            'default = "arterial"\nfactors = { local = 0.01 }',
            "profile.factors",
        ),
        (
            '"congestion.csv"',
            '"congestion.csv"\nobserved_speeds = "tracts.csv"',
            "no column speed_kph",
        ),
        ('["motorway", "ramp"]', '["motorway", "rmp"]', "snapping.exclude_classes"),
        ("schema_version = 1", "schema_version = true", "schema_version"),
        ('order = "roads.order"', 'order = "nowhere.order"', "nowhere.order"),
        ('order = "roads.order"', 'order = "roads.network"', "not a contraction order"),
    ],
)
def test_a_broken_agency_is_refused(tmp_path: Path, old: str, new: str, fault: str) -> None:
    """A missing or wrong file is named, and so is a broken value."""
    path = agency_folder(tmp_path, old, new)
    with pytest.raises(UnarmedRouterError) as caught:
        load_agency(path)
    assert fault in str(caught.value)


def test_an_agency_without_a_profile_drives_at_free_flow(tmp_path: Path) -> None:
    """The profile is optional: every hour then has the factor 1."""
    path = agency_folder(tmp_path, 'profile = "congestion.csv"\n', "")
    agency = load_agency(path)
    assert agency.world.digests.profile != load_agency(FOLDER / "agency.toml").world.digests.profile


def test_class_factors_slow_their_class_and_change_the_profile_alone(tmp_path: Path) -> None:
    """The digest of the profile names them; that of the agency is for what no other covers."""
    plain = load_agency(FOLDER / "agency.toml")
    factors = 'default = "arterial"\nfactors = { local = 1.5 }'
    agency = load_agency(agency_folder(tmp_path, 'default = "arterial"', factors))
    assert agency.world.digests.profile != plain.world.digests.profile
    assert agency.world.digests.agency == plain.world.digests.agency
    local = agency.network.road_class == agency.network.classes.index("local")
    slow, fast = agency.speeds.arc_ms(8), plain.speeds.arc_ms(8)
    assert np.array_equal(slow[~local], fast[~local])
    assert np.allclose(slow[local], 1.5 * fast[local], atol=2)


def test_observed_speeds_take_the_place_of_assumed_ones(tmp_path: Path) -> None:
    """One arc at all hours, another in one hour; every other keeps its time."""
    plain = load_agency(FOLDER / "agency.toml")
    (tmp_path / "observed.csv").write_text("arc,speed_kph,hour_of_week\n5,36,\n6,18,8\n")
    named = 'profile = "congestion.csv"\nobserved_speeds = "observed.csv"'
    agency = load_agency(agency_folder(tmp_path, 'profile = "congestion.csv"', named))
    assert agency.world.digests.profile != plain.world.digests.profile
    before, after = plain.speeds.arc_ms(8), agency.speeds.arc_ms(8)
    assert np.flatnonzero(before != after).tolist() == [5, 6]
    assert after[6] == round(float(agency.network.length_m[6]) / 18 * 3600)
    assert np.flatnonzero(plain.speeds.arc_ms(3) != agency.speeds.arc_ms(3)).tolist() == [5]
    moments = [datetime(2026, 11, 23, hour, tzinfo=agency.hours.zone) for hour in (7, 8, 9)]
    hour_at = agency.speeds.travel_times().hour_at
    assert len({hour_at(moment) for moment in moments}) == 3
