"""What a plan lacks; forecast against observed; the worksheet; the commands."""

import datetime

import pandas as pd
import pytest
from released import COUNTY, INDICATORS, education, made, smoking
from typer.testing import CliRunner

import hyteanalysis as hyte
from hyteanalysis import i18n
from hyteanalysis.cli import app
from hyteanalysis.figures.worksheet import worksheet as drawn
from hyteanalysis.plan import Plan, check, forecast, forecasts, worksheet

TODAY = datetime.date(2026, 1, 1)


def codes(data, release=None, **options):
    return set(check(Plan.from_dict(data), release, today=TODAY, **options)["code"])


def whole(goal):
    """A goal that lacks nothing."""
    return goal(
        grounds="A large gap.",
        threshold=36,
        next_check=datetime.date(2026, 6, 1),
        measures=[{"title": "Groups held", "purpose": "process"}],
        actions=[
            {
                "id": "a",
                "title": "Groups",
                "actors": [{"actor": "clinic", "role": "lead"}],
                "resources": [{"amount": 1}],
            }
        ],
    )


@pytest.fixture
def complete(plan, goal):
    talk = {
        "id": "t", "title": "Talk", "date": TODAY, "participants": [{"name": "Residents"}], "decision": "Yes.",
        "grounds": [{"kind": "values", "text": "The worst off first."}],
    }  # fmt: skip
    return plan(whole(goal), working_group={"organisations": ["County"]}, deliberations=[talk])


def test_a_complete_plan_lacks_nothing(complete, release):
    assert codes(complete, release) == set()


def test_each_lack_is_told(complete):
    def lack(**changes):
        return codes({**complete, "goals": [{**complete["goals"][0], **changes}]})

    assert lack(actors=[]) == {"no_lead"}
    assert lack(grounds="") == {"no_grounds"}
    assert lack(actions=[]) == {"no_actions"}
    assert lack(measures=[{"title": "Fewer", "purpose": "outcome"}]) == {"no_process_measure"}
    assert lack(next_check=None) == {"no_next_check"}
    assert lack(next_check=datetime.date(2025, 6, 1)) == {"check_past"}
    assert lack(threshold=None) == {"no_threshold"}
    assert lack(actions=[{"id": "a", "title": "Groups"}]) == {"action_no_actor", "action_no_resources"}
    assert lack(actions=[{"id": "a", "title": "Groups", "status": "dropped"}]) == set()
    assert codes({**complete, "goals": []}) == {"no_goals"}
    assert codes({**complete, "working_group": {}}) == {"no_working_group"}
    assert codes({**complete, "deliberations": []}) == {"no_deliberation"}
    for field in ("participants", "grounds", "decision"):
        talk = {key: value for key, value in complete["deliberations"][0].items() if key != field}
        assert codes({**complete, "deliberations": [talk]}) == {f"deliberation_{field}"}
    assert lack(grounds="Ask the desk: 040 123 4567") == {"personal_data"}


def test_each_omitted_indicator_of_the_minimum_content_needs_a_reason(complete):
    asked = {**complete, "minimum_content": ["smoking", "voting", "sleep"]}
    found = check(Plan.from_dict({**asked, "omitted": [{"indicator": "sleep", "reason": "No data."}]}), today=TODAY)
    assert found["where"].tolist() == ["omitted voting"]
    assert (
        codes({**asked, "omitted": [{"indicator": one, "reason": "No data."} for one in ("sleep", "voting")]}) == set()
    )


def test_experience_of_few_could_tell_who_they_are(complete):
    told = {
        "id": "e",
        "text": "Told.",
        "source": "interview",
        "consent": "oral",
        "dimension": "education",
        "group": "low",
    }
    assert codes({**complete, "experiences": [{**told, "participants": 4}]}) == {"few_people"}
    assert codes({**complete, "experiences": [{**told, "participants": 5}]}) == set()


def test_a_process_indicator_is_not_used_where_an_outcome_one_exists(complete):
    meta = INDICATORS.assign(theme="health")
    meta.loc[meta["indicator"] == "smoking", "purpose"] = "process"
    per_people = ("estimate", "lower", "upper")  # the same people, per 100,000
    rates = [
        {**row, "indicator": "hospital", **{name: 1000 * row[name] for name in per_people}} for row in smoking()[:3]
    ]
    rows = [*smoking(), *rates]
    assert codes(complete, made(rows, indicators=meta)) == {"process_for_outcome"}


def test_a_goal_that_the_release_cannot_follow_is_told(complete, release):
    data = {**complete, "goals": [{**complete["goals"][0], "group": "lo"}]}
    found = check(Plan.from_dict(data), release, today=TODAY)
    assert found[["where", "field", "code"]].iloc[0].tolist() == ["goal smoke-free", "group", "cannot_follow"]


@pytest.mark.parametrize("lang", i18n.LANGS)
def test_the_list_is_in_the_readers_language(example, example_release, lang):
    found = check(Plan.read(example), example_release, lang=lang, today=TODAY)
    start = {"fi": "Mittari ”Turvattomuus", "sv": "Indikatorn ”Otrygghet", "en": "The indicator “Feeling unsafe"}[lang]
    assert found["message"].str.startswith(start).sum() == 1


def test_forecast_against_observed(plan, goal, release):
    action = hyte.Action.from_dict({
        "id": "quit", "name": "Quit", "outcome": "smoking", "dimension": "education",
        "effect": {"scale": "rr", "value": 0.8, "lower": 0.7, "upper": 0.9}, "reach": 0.5,
    })  # fmt: skip
    impact = hyte.impact(release, action, areas=COUNTY, period="2017", draws=200, seed=1)
    kept = forecast(impact, release, area=COUNTY, period="2022", made=TODAY)
    row = impact.by_group.set_index("group").loc["low"]
    assert kept.groups["low"].value == pytest.approx(100 * row["after"])
    assert kept.groups["low"].lower == pytest.approx(100 * (row["baseline"] - 0.5 * row["arr_upper"]))
    known = {"low": {"value": 23, "lower": 22, "upper": 24}, "mid": {"value": 12, "lower": 11, "upper": 13}, "high": 6}
    said = {**kept.to_dict(), "groups": known}
    held = Plan.from_dict(plan(goal(actions=[{"id": "a", "title": "A", "forecast": said}])))
    found = forecasts(held, release).set_index("group")
    assert found["verdict"].to_dict() == {"low": "as_forecast", "mid": "worse", "high": "cannot_say"}
    assert found.loc["mid", "observed"] == pytest.approx(15.8)
    later = Plan.from_dict(plan(goal(actions=[{"id": "a", "title": "A", "forecast": {**said, "period": "2030"}}])))
    assert set(forecasts(later, release)["verdict"]) == {"no_data"}
    assert forecasts(Plan.from_dict(plan()), release).empty


@pytest.fixture(scope="module")
def sheet(example, example_release):
    return worksheet(example_release, area="HVA10", dimension="education", plan=Plan.read(example))


@pytest.mark.parametrize("lang", i18n.LANGS)
def test_the_worksheet_has_four_steps_and_says_the_switch_value_plainly(sheet, lang):
    said = sheet.text(lang)
    assert [line for line in said.splitlines() if line.startswith("## ")] == [
        f"## {step}. {heading}" for step, (heading, _, _) in enumerate(sheet.sections(lang), 1)
    ]
    assert "3,6 kertaa" in said
    assert "Vammaisjärjestöt" in said
    assert len(sheet.table) == len(sheet.findings) == 8


def test_an_empty_worksheet_leaves_room_to_write(release):
    said = worksheet(release, area=COUNTY, dimension="education").text("en")
    assert said.count("______") >= 5
    assert "Daily smokers, % of those aged 20–64: worst off" in said


def test_a_worksheet_says_where_groups_cannot_be_compared(plan):
    hidden = education("smoking", COUNTY, "2022", (30, 20, 10), statuses=("suppressed", "suppressed", "ok"))
    release = made([*hidden, *education("voting", COUNTY, "2022", (40, 60, 80))])
    reference = {"id": "f", "indicator": "smoking", "area": COUNTY, "dimension": "education", "period": "2022"}
    reference |= {"groups": {"high": 10}, "date": TODAY, "release": release.id}
    sheet = worksheet(release, area=COUNTY, dimension="education", plan=Plan.from_dict(plan(findings=[reference])))
    for lang in i18n.LANGS:
        title = sheet.findings[0].names.indicator("smoking", lang)
        assert i18n.text("plan.sheet.line_none", lang, title=title) in sheet.text(lang)
    table = sheet.table.set_index("indicator")
    assert table.loc["smoking", "verdict"] == "unknown"
    assert table.loc["smoking", ["difference", "lower", "upper"]].isna().all()
    assert table.loc["voting", "difference"] == pytest.approx(40)


def test_a_gap_from_nothing_stands_last_as_it_has_no_ratio():
    rows = [*education("smoking", COUNTY, "2022", (30, 20, 0)), *education("voting", COUNTY, "2022", (59, 60, 61))]
    sheet = worksheet(made(rows), area=COUNTY, dimension="education")
    assert sheet.table["indicator"].tolist() == ["voting", "smoking"]
    assert sheet.table["difference"].tolist() == pytest.approx([2, 30])


def test_the_worksheet_as_a_figure(release):
    sheet = drawn(release, dimension="education", lang="sv")
    wide, tall = sheet.fig.get_size_inches()
    assert wide > tall, "it fits a landscape page"
    assert len(sheet.readable) == 1
    shown = {words.get_text() for axes in sheet.fig.axes for words in axes.texts}
    assert "1. Glädjeämnen och" in shown


def run(*said):
    return CliRunner().invoke(app, ["plan", *map(str, said)])


def test_commands(example, tmp_path):
    from hyteanalysis import places

    folder = places.committed("releases", "example")
    told = run("check", example)
    assert told.exit_code == 0
    assert told.stdout.splitlines()[-1].endswith("to complete.")
    told = run("status", example, "--release", folder)
    assert told.exit_code == 0
    assert "threshold_passed" in told.stdout
    assert "rule loneliness-worsened: cannot_say (not_clear)" in told.stdout
    assert run("status", example, "--release", folder, "-o", tmp_path / "status.csv").exit_code == 0
    assert (tmp_path / "status.csv").exists()
    assert run("check", tmp_path / "none.yml").exception is not None


def test_a_gap_that_is_not_clear_among_all_that_were_looked_at_names_nobody_as_the_worst_off():
    names = [f"noise-{number}" for number in range(20)]
    about = INDICATORS[INDICATORS["indicator"] == "smoking"].drop(columns="indicator").merge(
        pd.DataFrame({"indicator": names}), how="cross"
    )  # fmt: skip
    levels = [(20.0, 21.0, 20.0)] * 19 + [(24.5, 20.0, 20.0)]
    rows = [row for name, level in zip(names, levels, strict=True) for row in education(name, COUNTY, "2022", level)]
    sheet = worksheet(made(rows, indicators=about), area=COUNTY, dimension="education")
    alone = worksheet(made(rows, indicators=about), area=COUNTY, dimension="education", indicators=names[-1:])
    assert alone.table["verdict"].tolist() == ["worse"]
    assert alone.table["worst"].iloc[0].startswith("low")
    assert set(sheet.table["verdict"]) == {"no_clear_difference"}
    assert sheet.table["worst"].isna().all()
    assert "heikoin tilanne" in alone.text("fi")
    assert "heikoin tilanne" not in sheet.text("fi")


def test_all_groups_that_may_be_the_worst_off_stand_on_the_sheet():
    release = made(education("smoking", COUNTY, "2022", (30.0, 30.0, 10.0)))
    sheet = worksheet(release, area=COUNTY, dimension="education")
    low, mid = (sheet.findings[0].names.group("education", group, "en") for group in ("low", "mid"))
    assert f"worst off: {low}; {mid}, 30.0%" in sheet.text("en")
    assert drawn(release, dimension="education", lang="en").readable["Worst off"].tolist() == [f"{low}; {mid}"]
