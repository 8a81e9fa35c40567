"""What an agency adds itself: found when named, refused when it could let a team go by mistake."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.unit.agency.conftest import Install
from unarmed_router import Answer, Call, ConfigurationError, Router
from unarmed_router.agency.policy_file import load_policy
from unarmed_router.dispatch.triage import evaluate
from unarmed_router.model.decision import Reading
from unarmed_router.model.policy import Policy

SELWYN = Path(__file__).parents[2] / "data" / "port_selwyn" / "policy.toml"
NOW = datetime(2026, 3, 2, 20, tzinfo=UTC)
RULE = """
[[rules]]
id = "own"
plugin = "own"
target = "COASTGUARD"
because = "a rule of our own"
source = "invented"
"""
STRAY = '[[facts]]\nid = "stray"\nquestion = "Is there a stray dog?"\ndanger = "none"\n\n'
GOOD = """
from unarmed_router import Answer
version = "1"
facts = ["stray"]
def holds(reading):
    return reading.answer("stray") if reading.call_type == "lonely" else Answer.NO
"""


def policy(tmp_path: Path, rule: str = RULE) -> Policy:
    """Load Port Selwyn's policy with a fact and a rule more."""
    path = tmp_path / "policy.toml"
    path.write_text(
        SELWYN.read_text().replace("[[call_types]]", STRAY + "[[call_types]]", 1) + rule
    )
    return load_policy(path, divisions=[10])


def faults(tmp_path: Path, rule: str = RULE) -> str:
    """Return what is said when the policy is refused."""
    with pytest.raises(ConfigurationError) as caught:
        policy(tmp_path, rule)
    return "\n".join(caught.value.faults)


def test_a_rule_answers_from_its_table(tmp_path: Path, install: Install) -> None:
    """The plugin is asked while the policy is loaded, and says the same when a call comes."""
    install(GOOD)
    rule = policy(tmp_path).rules[1]
    assert rule.facts == ("stray",)
    for answer in Answer:
        assert evaluate(rule, Reading("lonely", {"stray": answer})) is answer
        assert evaluate(rule, Reading(None, {"stray": answer})) is Answer.NO


def test_what_a_plugin_was_not_asked_is_unknown(tmp_path: Path, install: Install) -> None:
    """A call type that the policy does not have lets nobody go."""
    install(GOOD)
    assert evaluate(policy(tmp_path).rules[1], Reading("new", {})) is Answer.UNKNOWN


@pytest.mark.parametrize(
    ("old", "new"), [('"1"', '"2"'), ('"lonely" else', '"other" else'), ('"stray"', '"shark"')]
)
def test_the_digest_covers_version_and_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, install: Install, old: str, new: str
) -> None:
    """Of one policy file, the digest is another where the plugin's version or behaviour is."""
    digests = [policy(tmp_path, "").digest]
    for body in (GOOD, GOOD.replace(old, new)):
        with monkeypatch.context() as patch:
            patch.setattr(sys, "path", list(sys.path))
            install(body.replace('"other" else', '"lonely" and 0 else'))
            digests.append(policy(tmp_path).digest)
            assert policy(tmp_path).digest == digests[-1]
    assert len(set(digests)) == 3


def test_an_unknown_plugin_is_refused_with_what_is_installed(
    tmp_path: Path, install: Install
) -> None:
    """The message names the group, the remedy and the names that would do."""
    install(GOOD, name="other")
    assert faults(tmp_path) == (
        "rules.own.plugin: no installed package offers 'own' in the entry-point group "
        "unarmed_router.rules (installed: other); install the package that has it, or correct "
        "the name"
    )


def test_two_packages_with_one_name_are_refused(tmp_path: Path, install: Install) -> None:
    """Nothing chooses between them in silence."""
    one, two = install(GOOD), install(GOOD)
    assert f"'own' is offered by {one} 1.0 and {two} 1.0; remove one" in faults(tmp_path)


@pytest.mark.parametrize(
    ("rule", "fault"),
    [
        (RULE.replace('plugin = "own"', ""), "rules.own: has neither of when and plugin"),
        (RULE + 'when = { shark = "yes" }\n', "rules.own: has both of when and plugin"),
        (RULE.replace('"own"\ntarget', "1\ntarget"), "rules.1.plugin: must be"),
    ],
)
def test_a_rule_has_one_of_when_and_plugin(
    tmp_path: Path, install: Install, rule: str, fault: str
) -> None:
    """Both or neither is a fault of the file, and so is a plugin that is no name."""
    install(GOOD)
    assert fault in faults(tmp_path, rule)


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("def holds", "def held", "has no function holds(reading)"),
        ('version = "1"', "version = 1", "has version 1; it must be text"),
        ('facts = ["stray"]', 'facts = "stray"', "has facts 'stray'; they must be a tuple"),
        ('facts = ["stray"]', 'facts = ["starfish"]', "looks at unknown fact 'starfish'"),
        ('facts = ["stray"]', 'facts = ["stray", "stray"]', "names a fact twice"),
        ('facts = ["stray"]', 'facts = ["stray"] * 7', "looks at 7 facts; split it into rules"),
        ("    return", "    1 / 0\n    return", "raises ZeroDivisionError: division by zero for"),
        ("    return", "    return 'yes'\n    return", "returns 'yes' for call type unknown with"),
        ("    return", "    return\n    return", "returns None for call type unknown with stray"),
        ("    return", "    return Answer.UNKNOWN\n    return",
         "answers unknown for call type lonely with stray yes, where no question is left"),
        ("    return", "    if reading.answer('stray') == 'unknown': return Answer.NO\n    return",
         "answers no for call type lonely with stray unknown, but otherwise once an unknown fact"),
        ("    return", "    if reading.call_type is None: return Answer.YES\n    return",
         "answers yes for call type unknown with stray no, but otherwise once the call type"),
        ("    return", "    facts.append(0)\n    if len(facts) % 2: return Answer.NO\n    return",
         "answers yes and then no for call type lonely with stray yes; it may depend on nothing"),
        ("version =", "import nowhere_to_be_found\nversion =", "cannot be imported from"),
    ],
)  # fmt: skip
def test_a_rule_that_could_let_a_team_go_by_mistake_is_refused(
    tmp_path: Path, install: Install, old: str, new: str, fault: str
) -> None:
    """A plugin that raises, answers nonsense, forgets what it needs or changes its mind."""
    install(GOOD.replace(old, new, 1))
    said = faults(tmp_path)
    assert fault in said
    assert said.startswith("rules.own.plugin: 'own' ")


def test_a_rule_sees_no_fact_it_does_not_name(tmp_path: Path, install: Install) -> None:
    """A plugin that looks at another fact never finds an answer, so that it says no for all."""
    install(GOOD.replace('answer("stray")', 'answer("shark")'))
    assert "where no question is left to ask" in faults(tmp_path)


def test_a_plugin_is_not_the_rule_of_a_danger(tmp_path: Path, install: Install) -> None:
    """Only a rule in the file shows that a dangerous answer keeps every team away."""
    install(GOOD.replace("stray", "shark"))
    path = tmp_path / "policy.toml"
    text = SELWYN.read_text()
    path.write_text(text.replace('when = { shark = "yes" }', 'plugin = "own"'))
    with pytest.raises(ConfigurationError, match=r"facts\.shark: no rule keeps FRIENDS away"):
        load_policy(path, divisions=[10])


def test_a_broken_rule_leaves_the_old_policy_working(tmp_path: Path, install: Install) -> None:
    """Reloading a policy whose plugin fails raises, and calls are decided as before."""
    router = Router.load()
    before = router.agency.world.policy.digest
    text = (router.agency.folder / "policy.toml").read_text()
    (tmp_path / "policy.toml").write_text(text + RULE.replace("COASTGUARD", "LAFD"))
    (tmp_path / "call_codes.toml").write_text(
        (router.agency.folder / "call_codes.toml").read_text()
    )
    install(GOOD.replace("stray", "unhoused").replace("    return", "    1 / 0\n    return"))
    with pytest.raises(ConfigurationError, match="'own' raises ZeroDivisionError"):
        router.reload_policy(tmp_path / "policy.toml")
    call = Call(call_id="1", lon=-118.309, lat=34.0606, call_type="welfare_check", received_at=NOW)
    assert router.route(call, at=NOW).basis.policy == before
