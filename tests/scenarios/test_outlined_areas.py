"""Programs that work by neighborhood: polygons with holes, beside programs by division."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.embedded import AT, CLEAR
from unarmed_router import (
    Answer,
    Call,
    ExclusionReason,
    Recommendation,
    Referral,
    ReferralReason,
    Router,
)
from unarmed_router.agency.folder import embedded_agency
from unarmed_router.agency.outlined_areas import outline_of
from unarmed_router.errors import ConfigurationError

FOLDER = embedded_agency().parent

# A square in Hollywood (division 6, which no provider of UMCR serves) with a hole in its middle,
# and a second part to the west.
SQUARE = [[-118.34, 34.09], [-118.32, 34.09], [-118.32, 34.11], [-118.34, 34.11], [-118.34, 34.09]]
HOLE = [[-118.332, 34.098], [-118.332, 34.102], [-118.328, 34.102], [-118.328, 34.098]]
PART = [[-118.36, 34.095], [-118.35, 34.095], [-118.35, 34.10], [-118.36, 34.10], [-118.36, 34.095]]
INSIDE, IN_HOLE, ELSEWHERE = (-118.337, 34.1015), (-118.330, 34.1002), (-118.310, 34.1015)

AREA = """
[[areas]]
id = "hollywood"
name = "Hollywood"
file = "circle.geojson"
feature = "Hollywood"

[[programs]]
id = "CIRCLE_TEAM"
name = "Outreach"
call_types = ["welfare_check"]
response_target_s = 1800
source = "test"

[[programs.providers]]
id = "outreach"
name = "Outreach Inc"
areas = ["hollywood"]
source = "test"

[[rules]]"""
TEAM = """
[[teams]]
id = "OUT-1"
provider = "outreach"
program = "CIRCLE_TEAM"
home_lon = -118.3267
home_lat = 34.0983
status = "available"
shifts = "24/7"
"""


def agency(folder: Path, *, area: str = AREA, shapes: dict[str, Any] | None = None) -> Path:
    """Copy the embedded agency with one more program, team and file of neighborhoods."""
    for file in FOLDER.iterdir():
        if file.is_file():
            shutil.copy(file, folder / file.name)
    policy = (folder / "policy.toml").read_text(encoding="utf-8")
    (folder / "policy.toml").write_text(policy.replace("\n[[rules]]", area, 1), encoding="utf-8")
    roster = (folder / "roster.toml").read_text(encoding="utf-8")
    (folder / "roster.toml").write_text(roster + TEAM, encoding="utf-8")
    shape = {"type": "MultiPolygon", "coordinates": [[SQUARE, [*HOLE, HOLE[0]]], [PART]]}
    feature = {"type": "Feature", "properties": {"name": "Hollywood"}, "geometry": shapes or shape}
    document = {"type": "FeatureCollection", "features": [feature]}
    (folder / "circle.geojson").write_text(json.dumps(document), encoding="utf-8")
    return folder / "agency.toml"


@pytest.fixture(scope="module")
def router(tmp_path_factory: pytest.TempPathFactory) -> Router:
    """Load the city with its neighborhood."""
    return Router.load(agency(tmp_path_factory.mktemp("outlined")), clock=lambda: AT)


def call(place: tuple[float, float], **fields: Any) -> Call:
    """Make a welfare check somewhere."""
    given: dict[str, Any] = {
        "call_id": "o-1",
        "lon": place[0],
        "lat": place[1],
        "call_type": "welfare_check",
        "received_at": AT,
        "facts": CLEAR,
    }
    return Call(**(given | fields))


def test_the_neighborhoods_team_goes_inside_it(router: Router) -> None:
    """Division 6 has no provider of UMCR; the outlined program has its own."""
    decision = router.route(call(INSIDE), at=AT)
    assert isinstance(decision, Recommendation)
    assert decision.place.division is not None
    assert decision.place.division.number == 6
    assert (decision.team_id, decision.provider_name) == ("OUT-1", "Outreach Inc")
    west = router.route(call((-118.355, 34.0975)), at=AT)
    assert isinstance(west, Recommendation)  # the second part belongs to it as well


def test_a_hole_is_outside(router: Router) -> None:
    """And so is the rest of the division: no program there, which is not out of jurisdiction."""
    for place in (IN_HOLE, ELSEWHERE):
        decision = router.route(call(place), at=AT)
        assert isinstance(decision, Referral)
        assert decision.reason is ReferralReason.NO_PROGRAM_HERE
        reasons = {each.reason for each in decision.exclusions}
        assert reasons == {ExclusionReason.NOT_CONSIDERED}


def test_elsewhere_divisions_decide_as_before(router: Router) -> None:
    """The outlined team is outside its area in Koreatown; batches agree with single calls."""
    there = call((-118.309, 34.0606))
    decision = router.route(there, at=AT)
    assert isinstance(decision, Recommendation)
    assert decision.team_id == "ALC-2"
    left = {each.team_id: each.reason for each in decision.exclusions}
    assert left["OUT-1"] is ExclusionReason.OUTSIDE_AREA
    asked = [call(INSIDE), there, call(IN_HOLE), call(ELSEWHERE), call(INSIDE, call_type="medical")]
    assert router.route_many(asked, at=AT) == [router.route(each, at=AT) for each in asked]


def test_what_would_help_knows_the_neighborhood(router: Router) -> None:
    """With a weapon named, one changed answer would let the outlined program take the call."""
    armed = call(INSIDE, facts=CLEAR | {"weapon": Answer.YES})
    found = router.counterfactual(armed, at=AT)
    assert found.changes is not None
    assert [change.fact for change in found.changes] == ["weapon"]
    assert found.programs == ("CIRCLE_TEAM",)
    assert router.counterfactual(call(ELSEWHERE), at=AT).changes is None


def test_a_program_of_both_kinds_of_area_is_refused_where_they_meet(tmp_path: Path) -> None:
    """One place, one hour, one provider: both are named, by division and by area."""
    other = AREA.replace(
        "[[rules]]",
        '[[programs.providers]]\nid = "second"\nname = "Second"\ndivisions = [6]\n'
        'source = "test"\n\n[[rules]]',
    )
    with pytest.raises(ConfigurationError) as caught:
        Router.load(agency(tmp_path, area=other))
    assert "programs.CIRCLE_TEAM.providers.second: division 6 overlaps area hollywood" in str(
        caught.value
    )
    assert "outreach serves" in str(caught.value)


def test_the_same_places_at_other_hours_are_fine(tmp_path: Path) -> None:
    """Days by one provider, nights by the other."""
    hours = AREA.replace(
        'areas = ["hollywood"]', 'areas = ["hollywood"]\nhours = "Mon-Sun 08:00-20:00"'
    ).replace(
        "[[rules]]",
        '[[programs.providers]]\nid = "second"\nname = "Second"\ndivisions = [6]\n'
        'hours = "Mon-Sun 20:00-08:00"\nsource = "test"\n\n[[rules]]',
    )
    router = Router.load(agency(tmp_path, area=hours), clock=lambda: AT)
    day = router.route(call(INSIDE), at=AT)
    assert isinstance(day, Recommendation)
    night = router.route(call(INSIDE), at=AT.replace(hour=6))  # 22:00 in Los Angeles
    assert isinstance(night, Referral)
    assert night.reason is ReferralReason.NO_TEAM_AVAILABLE  # the second provider has no team


def test_the_outline_is_part_of_the_policys_digest(router: Router, tmp_path: Path) -> None:
    """Another polygon is another policy."""
    square = {"type": "Polygon", "coordinates": [SQUARE]}
    other = Router.load(agency(tmp_path, shapes=square), clock=lambda: AT)
    digests = {each.route(call(ELSEWHERE), at=AT).basis.policy for each in (router, other)}
    assert len(digests) == 2
    assert isinstance(other.route(call(IN_HOLE), at=AT), Recommendation)  # it has no hole


def test_a_feature_may_be_named_by_a_number(tmp_path: Path) -> None:
    """Zone 3 of a column of numbers, of whole ones or of those of a column with a gap."""
    square = {"type": "Polygon", "coordinates": [SQUARE]}
    for zones in ([3, 4], [3, None]):
        features = [
            {"type": "Feature", "properties": {"zone": zone}, "geometry": square} for zone in zones
        ]
        document = {"type": "FeatureCollection", "features": features}
        path = tmp_path / "zones.geojson"
        path.write_text(json.dumps(document), encoding="utf-8")
        outline, _ = outline_of(path, "zone", "3")
        assert len(outline[0]) >= 4
        with pytest.raises(ConfigurationError, match="no feature with zone '5'; it has 3, "):
            outline_of(path, "zone", "5")


@pytest.mark.parametrize(
    ("area", "shapes", "message"),
    [
        (AREA.replace('feature = "Hollywood"', 'feature = "Venice"'), None, "no feature with name"),
        (AREA.replace('feature = "Hollywood"\n', ""), None, "a file needs the feature in it"),
        (AREA.replace("circle.geojson", "gone.geojson"), None, "cannot be read"),
        (
            AREA.replace('feature = "Hollywood"', 'feature = "Hollywood"\nfield = "area"'),
            None,
            "has no field 'area'",
        ),
        (
            AREA.replace('feature = "Hollywood"', 'feature = "Hollywood"\ndivisions = [6]'),
            None,
            "give it divisions, or a file",
        ),
        (AREA, {"type": "Point", "coordinates": [-118.3, 34.1]}, "must be a Polygon"),
        (
            AREA,
            {
                "type": "Polygon",
                "coordinates": [
                    [
                        [-118.34, 34.09],
                        [-118.32, 34.11],
                        [-118.32, 34.09],
                        [-118.34, 34.11],
                        [-118.34, 34.09],
                    ]
                ],
            },
            "Self-intersection",
        ),
    ],
)
def test_broken_areas_are_refused(
    tmp_path: Path, area: str, shapes: dict[str, Any] | None, message: str
) -> None:
    """With the file or the path, and what to do."""
    with pytest.raises(ConfigurationError, match=message):
        Router.load(agency(tmp_path, area=area, shapes=shapes))
