"""The library of evidence: every number with an origin, every sum worked out again, every null kept."""

import importlib.util
import math
from pathlib import Path

import pandas as pd
import pytest

import hyteanalysis as hyte
from hyteanalysis import evidence
from hyteanalysis.evidence.model import CERTAINTIES, COPIES

IDS = list(evidence.library())


@pytest.fixture(scope="module")
def numbers():
    return evidence.table("en")


def acting(number):
    """The effect on the share badly off, by the formulas of the method and nothing of the library's own."""
    value, s = number.value, number.control
    if number.scale in ("smd", "mean_difference"):
        size = value / (number.sd or 1)
        return math.exp((-1 if number.favourable else 1) * size * math.pi / math.sqrt(3))
    if number.scale == "rd":
        return -value if number.favourable else value
    if not number.favourable:
        return value
    return 1 / value if number.scale in ("or", "ror") else (1 - value * s) / (1 - s)


def test_at_least_thirty_actions_can_be_used():
    assert evidence.actions()["usable"].sum() >= 30


@pytest.mark.parametrize("id", IDS)
def test_every_conversion_is_the_formula_s(id):
    frame = evidence.alternatives(id).set_index("number") if evidence.read(id).effects() else pd.DataFrame()
    for name, number in evidence.read(id).effects().items():
        if number.value is not None and not (number.scale == "mean_difference" and number.sd is None):
            assert frame.loc[name, "acting"] == pytest.approx(acting(number))


@pytest.mark.parametrize(
    ("id", "number", "said"),
    [
        ("smoking-support", "combined", 0.922),
        ("smoking-brief-advice", "advice", 0.965),
        ("smoking-text-messages", "messages", 0.972),
        ("exercise-referral", "active", 0.931),
        ("brief-psychotherapy", "primary-care", 0.580),
        ("internet-therapy", "symptoms", 0.493),
        ("ips-employment", "pooled", 0.643),
        ("housing-first", "housed", 0.027),
        ("vaccination-letters", "any-reminder", 0.523),
    ],
)
def test_sums_are_those_worked_out_by_hand(id, number, said):
    found = evidence.alternatives(id).set_index("number").loc[number, "acting"]
    assert found == pytest.approx(said, abs=0.001)


def test_no_number_is_without_origin_or_certainty(numbers):
    assert numbers["source"].str.len().gt(15).all()
    assert numbers["certainty"].isin(CERTAINTIES).all()
    assert numbers["design"].notna().all()
    assert numbers["read"].str.match(r"\d{4}").all()
    assert not numbers.duplicated(["action", "number"]).any()


def test_copies_and_unseen_dois_are_not_printed(numbers):
    links = numbers["link"]
    assert links.str.match(r"https?://|$").all()
    assert not links.str.contains("|".join(COPIES), regex=True).any()
    for id in IDS:
        for source in evidence.read(id).sources.values():
            assert source.doi_checked or source.link is None or source.doi not in source.link
    assert any(not source.doi_checked for id in IDS for source in evidence.read(id).sources.values())


def test_every_number_stands_in_the_stored_facts(numbers, shared):
    facts = pd.read_csv(shared("evidence/evidence.csv"), dtype=str).fillna("")
    facts = facts[facts["seen_or_memory"] == "seen"]
    number = facts[["value", "lower", "upper"]].apply(pd.to_numeric)
    for row in numbers.itertuples():
        known = facts["year"].str.startswith(str(row.year))
        for name in ("value", "lower", "upper"):
            given = getattr(row, name)
            if pd.notna(given):
                close = (number[name] - given).abs().le(1e-9) | (
                    (number[name] / 100 - given).abs().le(1e-9) & (row.scale == "share")
                )
                told = facts["unit"].str.contains(f"{given:g}", regex=False)
                known &= close | told
        assert known.any(), f"{row.action}.{row.number}: not in the facts"


@pytest.mark.parametrize("id", [id for id in IDS if evidence.read(id).action])
def test_no_number_of_an_action_is_without_origin_or_grade(id):
    needs = evidence.actions().set_index("id").loc[id, "usable"]
    made = evidence.action(id, **({} if needs else {"sd": 10.0}))
    assert hyte.Action.from_dict(made.to_dict()) == made
    assert made.effect.source
    assert made.effect.grade == "measured elsewhere"
    for number in made.inputs().values():
        for _, entry in number.entries():
            assert (entry.grade == "assumed") == (entry.source is None)
            assert entry.grade == "assumed" or entry.year


@pytest.mark.parametrize(
    "id", ["respite-care", "violence-screening", "social-prescribing", "gatekeeper-training", "home-visiting-nurse"]
)
def test_effects_found_null_are_kept_and_move_nothing(id):
    held = evidence.read(id)
    assert held.found == "null"
    assert evidence.action(id).effect.scale == "none"
    assert any(number.against for number in held.numbers.values())
    assert evidence.line(id, "fi").startswith("Hyötyä ei löytynyt")


@pytest.mark.parametrize("id", ["debt-counselling", "outreach-youth-work", "parenting-universal"])
def test_what_is_not_known_becomes_no_action_and_names_the_nearest(id):
    with pytest.raises(hyte.errors.PlanError, match="no action can be made of it"):
        evidence.action(id)


def test_evidence_from_elsewhere_is_wider_than_from_here():
    here, there = evidence.action("kiva").effect, evidence.action("kiva", country="US").effect
    assert (here.distance, there.distance) == ("none", "some")
    assert there.wider > here.wider
    assert evidence.action("attendance-letters").effect.distance == "far"


def test_an_effect_without_limits_is_not_taken_as_certain():
    made = evidence.action("attendance-letters", lang="en").effect
    assert (made.lower, made.upper) == (pytest.approx(0.81), 1.0)
    assert "no interval" in made.conversion


def test_numbers_by_group_of_another_grouping_are_left_out():
    made = evidence.action("smoking-brief-advice", dimension="sex", outcome="own-smoking")
    assert made.outcome == "own-smoking"
    assert not made.reach.offered.odds_ratio
    assert evidence.action("smoking-brief-advice").reach.offered.odds_ratio


def test_another_of_its_effects_can_be_chosen():
    made = evidence.action("ips-employment", effect="pooled")
    assert made.effect.value == 2.07
    with pytest.raises(hyte.errors.PlanError, match="cautious"):
        evidence.action("ips-employment", effect="cautios")


def test_a_difference_of_means_asks_for_the_standard_deviation():
    with pytest.raises(hyte.errors.PlanError, match="standard deviation"):
        evidence.action("alcohol-brief-intervention")
    assert evidence.action("alcohol-brief-intervention", sd=200).effect.sd == 200


def test_pooling_is_dersimonian_and_laird_s():
    made = evidence.pooled("falls-home-hazards", ["high-risk", "unselected", "one-visit"])
    y, s = [], []
    for value, low, high in [(0.62, 0.56, 0.70), (1.05, 0.96, 1.16), (1.17, 0.99, 1.38)]:
        y.append(math.log(value))
        s.append((math.log(high / low) / (2 * 1.959964)) ** 2)
    w = [1 / v for v in s]
    mean = sum(a * b for a, b in zip(w, y, strict=True)) / sum(w)
    q = sum(a * (b - mean) ** 2 for a, b in zip(w, y, strict=True))
    tau = max(0, (q - 2) / (sum(w) - sum(a * a for a in w) / sum(w)))
    w = [1 / (v + tau) for v in s]
    mean = sum(a * b for a, b in zip(w, y, strict=True)) / sum(w)
    assert made.value == pytest.approx(math.exp(mean), rel=1e-6)
    assert made.heterogeneity == pytest.approx((q - 2) / q, rel=1e-6)
    wide = 12.7062047 * math.sqrt(tau + 1 / sum(w))  # t with one degree of freedom
    assert made.predicted_upper == pytest.approx(math.exp(mean + wide), rel=1e-5)
    new = evidence.action("falls-home-hazards", effect=made).effect
    assert (new.lower, new.upper) == (made.predicted_lower, made.predicted_upper)


@pytest.mark.parametrize(
    ("id", "names", "said"),
    [
        ("ips-employment", ["pooled", "cautious"], "share their trials"),
        ("voting-text-messages", ["young", "over-30"], "no limits"),
        ("violence-advocacy", ["abuse", "distress"], "different scales"),
        ("falls-exercise", ["fallers"], "two or more"),
    ],
)
def test_what_cannot_be_pooled_is_refused(id, names, said):
    with pytest.raises(hyte.errors.PlanError, match=said):
        evidence.pooled(id, names)


def test_a_wish_that_is_met_lacks_nothing():
    found = evidence.search(topic="smoking", certainty="high", age=40)
    assert found["id"].tolist() == ["smoking-support"]
    assert found["missing"].eq("").all()


def test_a_wish_that_is_not_met_gives_the_nearest_and_what_it_lacks():
    found = evidence.search(topic="hearing", group="language", lang="en")
    assert found["id"].tolist() == ["hearing-aids"]
    assert found["missing"].tolist() == ["not studied by language"]
    with pytest.raises(hyte.errors.PlanError, match="topic must be one of"):
        evidence.search(topic="gambling")


SOUND = Path(evidence.library()["kiva"]).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("    source: karna-2011\n", "", "  bullied:", "source: is missing"),
        ("    lower: 0.81", "    lower: 0.83", "value: 0.82", "does not hold the value 0.82"),
        ("    scale: or", "    scale: odds", "scale: odds", "must be"),
        ("    scale: or", "    scale: rr\n    favourable: true", "  bullied:", "control: is needed"),
        (
            "    design: quasi-experiment",
            "    design: quasi-experiment\n    certainty: high",
            "certainty",
            "go together",
        ),
        ("    source: karna-2011", "    source: karna", "source: karna", "not among sources"),
        ("    number: bullied", "    number: bulied", "number: bulied", "is no number of this file"),
        ("research.utu.fi", "www.scribd.com", "scribd", "holds copies"),
        ("  sv: 'Effekten i nya", "  se: 'Effekten i nya", "se: 'Effekten i nya", ""),
        ("    value: 0.9\n", "    value: 90\n", "value: 90", "share between 0 and 1"),
    ],
)
def test_a_fault_in_a_file_names_line_and_field(tmp_path, old, new, line, said):
    assert old in SOUND, old
    text = SOUND.replace(old, new, 1)
    path = tmp_path / "kiva.yml"
    path.write_text(text, encoding="utf-8")
    at = next(number for number, row in enumerate(text.splitlines(), 1) if line in row)
    with pytest.raises(hyte.errors.PlanError) as fault:
        evidence.Evidence.read(path)
    assert said in str(fault.value)
    assert f"line {at}" in str(fault.value)


def test_the_page_of_the_site_holds_every_action_number_and_link(numbers):
    path = Path(__file__).resolve().parents[2] / "docs" / "site.py"
    spec = importlib.util.spec_from_file_location("site_pages", path)
    pages = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(pages)
    page = pages.evidence()
    for id in IDS:
        part = page.split(f"{{#{id}}}", 1)[1].split("\n## ", 1)[0]
        for row in numbers[numbers["action"] == id].itertuples():
            assert f"| `{row.number}` |" in part
            assert row.link in part
    assert not any(cell.strip() in ("nan", "None") for cell in page.split("|"))


EXAMPLES = {
    "smoking-cessation": ("smoking-support", "combined"),
    "brief-psychological-support": ("brief-psychotherapy", "primary-care"),
    "exercise-referral": ("exercise-referral", "active"),
    "falls-prevention": ("falls-exercise", "fallers"),
    "loneliness-groups": ("loneliness-interventions", "social-support"),
    "voting-information": ("voting-letters", "earlier"),
    "violence-prevention": ("violence-advocacy", "abuse"),
    "school-attendance": ("attendance-letters", "chronic"),
}


@pytest.mark.parametrize("name", hyte.actions.library())
def test_the_examples_say_what_the_library_says_or_that_they_assume(name):
    effect = hyte.Action.read(hyte.actions.library()[name]).effect
    if name not in EXAMPLES:
        assert effect.grade == "assumed"
        return
    id, number = EXAMPLES[name]
    known = evidence.alternatives(id, "en").set_index("number").loc[number]
    assert effect.scale == known["acts_as"]
    assert effect.value == pytest.approx(known["acting"], abs=1e-4)
    assert effect.certainty == known["certainty"]
    assert effect.source == known["source"]
