"""Plan files: the same bytes back, old schemas made new, nothing overwritten that cannot be read."""

import datetime
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hyteanalysis import PlanError, reading
from hyteanalysis.plan import Plan
from hyteanalysis.plan.files import NEWEST

FILES = Path(__file__).parent / "files"


def test_the_example_holds_what_it_should(example):
    plan = Plan.read(example)
    actions = [action for goal in plan.goals for action in goal.actions]
    assert [len(plan.goals), len(actions), len(plan.actors)] == [6, 14, 20]
    assert [len(plan.experiences), len(plan.follow_ups), len(plan.documents)] == [8, 3, 5]
    assert plan.synthetic
    assert all(any(role.role == "partner" for role in goal.actors) for goal in plan.goals)


def test_unchanged_is_byte_identical(example, tmp_path):
    before = example.read_bytes()
    for form in (before, before.replace(b"\n", b"\r\n"), b"\xef\xbb\xbf" + before, before + b"\n# end\n"):
        path = tmp_path / "plan.yml"
        path.write_bytes(form)
        Plan.read(path).save(tmp_path / "again.yml")
        assert (tmp_path / "again.yml").read_bytes() == form
        (tmp_path / "again.yml").unlink()


def test_a_change_touches_its_own_lines_only(example, tmp_path):
    plan = Plan.read(example)
    goals = [goal.model_copy(update={"title": "Tupakaton"}) if goal.id == "smoke-free" else goal for goal in plan.goals]
    before, after = example.read_text("utf-8").splitlines(), plan.changed(goals=tuple(goals)).to_text().splitlines()
    differing = [(a, b) for a, b in zip(before, after, strict=True) if a != b]
    assert differing == [("    title: Savuton Kymenlaakso", "    title: Tupakaton")]


def test_what_stands_twice_is_written_twice(plan):
    day = datetime.date(2026, 1, 1)
    groups = [{"name": "Forum", "date": day}, {"name": "Evening", "date": day}]
    written = Plan.from_dict(plan(forums=groups)).to_text()
    assert written.count("2026-01-01") == 2
    assert "&" not in written


def test_an_added_and_a_removed_part_leave_the_rest(example):
    plan = Plan.read(example)
    before = example.read_text("utf-8")
    assert plan.changed(follow_ups=plan.follow_ups[:-1]).to_text().splitlines()[:200] == before.splitlines()[:200]
    assert plan.changed(actors=(*plan.actors, {"id": "new", "name": "Uusi"})).to_text().startswith(before[:2000])
    assert Plan.from_text(plan.changed(note="Toinen").to_text()).note == "Toinen"


def test_texts_of_several_lines_and_short_lists_are_written_as_people_write_them(plan):
    read = Plan.from_text("# ours\n" + Plan.from_dict(plan(note="Yksi")).to_text())
    written = read.changed(note="Yksi\nkaksi: #3\n", minimum_content=("a", "b")).to_text()
    assert written.startswith("# ours\n")
    assert "note: |\n  Yksi\n  kaksi: #3\n" in written
    assert "minimum_content: [a, b]\n" in written
    assert Plan.from_text(written).note == "Yksi\nkaksi: #3\n"
    assert Plan.from_text(written).minimum_content == ("a", "b")


def test_signs_of_aliases_in_a_text_are_only_a_text(plan):
    text = Plan.from_dict(plan(note="R&D * 2")).to_text()
    assert Plan.from_text(text).note == "R&D * 2"
    assert Plan.from_text(text).to_text() == text


@settings(max_examples=15)
@given(
    title=st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "Zs", "S")), min_size=1, max_size=40),
    value=st.floats(-1e6, 1e6, allow_nan=False),
    note=st.sampled_from(
        ["", "one\ntwo", "yes", "012", "null", "a: b", "- c", "#d", "2026-01-01", "1_000", "0x1F", "1:30"]
    ),
)
def test_what_is_written_is_read(title, value, note):
    from hyteanalysis.disclosure import check_text

    if not title.strip() or check_text(title):
        return
    said = {
        "schema_version": NEWEST,
        "title": title,
        "organisation": note or "x",
        "area": "a",
        "first_year": 1,
        "last_year": 1,
    }
    said |= {
        "note": note,
        "goals": [
            {
                "id": "g",
                "title": title,
                "indicator": "i",
                "area": "a",
                "threshold": value + 1,
                "baseline": {"value": value, "period": "2020"},
                "target": {"value": value - 1, "date": datetime.date(2030, 1, 1)},
            }
        ],
    }
    plan = Plan.from_dict(said)
    assert Plan.from_text(plan.to_text()).to_dict() == plan.to_dict()


@pytest.mark.parametrize("version", range(1, NEWEST))
def test_every_version_becomes_the_newest(version, tmp_path):
    plan = Plan.read(FILES / f"version-{version}.yml")
    assert plan.schema_version == NEWEST
    goal = plan.goals[0]
    assert goal.threshold == 36
    assert [(role.actor, role.role) for role in goal.actors] == [("school", "lead"), ("club", "partner")]
    assert (plan.first_year, plan.last_year) == (2022, 2025)
    plan.save(tmp_path / "plan.yml")
    written = (tmp_path / "plan.yml").read_text("utf-8")
    assert reading.parsed(written, PlanError).data["schema_version"] == NEWEST
    assert written.startswith("# A plan of the first schema")
    assert Plan.read(tmp_path / "plan.yml").to_dict() == plan.to_dict()


def test_a_first_schema_plan_without_its_old_fields_is_read_as_it_is(plan, goal):
    """No period, no limit, no lead: nothing is made up for them."""
    old = {**plan(goal(threshold=36)), "schema_version": 1}
    del old["goals"][0]["actors"]
    read = Plan.from_dict(old)
    assert (read.first_year, read.last_year, read.goals[0].threshold) == (2022, 2025, 36)
    assert read.goals[0].actors == ()
    old["goals"][0]["partners"] = ["school"]
    assert [role.role for role in Plan.from_dict(old).goals[0].actors] == ["partner"]


@pytest.mark.parametrize(
    ("version", "message"),
    [
        (NEWEST + 1, "knows versions up to 2: update hyteanalysis to open it"),
        ("two", "schema_version must be a whole number"),
        (0, "schema_version must be a whole number"),
    ],
)
def test_another_version_is_refused(plan, version, message):
    with pytest.raises(PlanError, match=message):
        Plan.from_dict({**plan(), "schema_version": version})


def test_json_is_read_and_written(plan, tmp_path):
    path = tmp_path / "plan.json"
    path.write_text(json.dumps(Plan.from_dict(plan()).to_dict(), default=str, indent=1), "utf-8")
    read = Plan.read(path)
    assert read.goals[0].target.date == datetime.date(2029, 12, 31)
    assert read.to_text() == path.read_text("utf-8")
    assert json.loads(read.changed(title="New").to_text())["title"] == "New"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("title: [", r"plan.yml, line \d: is not valid YAML"),
        ("title: a\ntitle: b\n", "line 2: is not valid YAML: key 'title' stands there twice"),
        ("- a\n", "is not a plan"),
        ("schema_version: 2\ngoals:\n  - id: g\n    next_check: 2026-02-31\n",
         "plan.yml, line 4: goal 'g'.next_check: is not a date such as 2026-09-30; given: '2026-02-31'"),
        ("title: &t [x]\ngoals: *t\n", r"plan.yml, line 2: is not valid YAML: holds an alias \(\*t\): write"),
        ("schema_version: 2\ngoals:\n  - id: g\n    title: G\n    target: {value: x, date: 2029-01-01}\n",
         r"plan.yml, line 5: goal 'g'.target.value: is not a number; given: 'x'"),
    ],
)  # fmt: skip
def test_a_faulty_file_is_told_by_line(tmp_path, text, message):
    path = tmp_path / "plan.yml"
    path.write_text(text, "utf-8")
    with pytest.raises(PlanError, match=message):
        Plan.read(path)


def test_what_cannot_be_read_is_never_overwritten(plan, tmp_path):
    held, path = Plan.from_dict(plan()), tmp_path / "plan.yml"
    for content in (
        b"title: [",
        b"\xff\xfe",
        Plan.from_dict(plan()).to_text().replace("version: 2", "version: 9").encode(),
    ):
        path.write_bytes(content)
        with pytest.raises(PlanError, match="It was not overwritten"):
            held.save(path)
        assert path.read_bytes() == content
        assert list(tmp_path.iterdir()) == [path]
    with pytest.raises(PlanError, match="cannot be written"):
        held.save(tmp_path / "nowhere" / "plan.yml")
    with pytest.raises(PlanError, match="cannot be read"):
        Plan.read(tmp_path / "nowhere.yml")


def test_saving_keeps_the_version_before(plan, tmp_path):
    first, path = Plan.from_dict(plan()), tmp_path / "plan.yml"
    first.save(path)
    assert [one.name for one in tmp_path.iterdir()] == ["plan.yml"]
    first.changed(title="Second").save(path)
    assert Plan.read(tmp_path / "plan.previous.yml").title == "Plan"
    first.changed(title="Second").save(path)
    assert Plan.read(tmp_path / "plan.previous.yml").title == "Plan", "saving twice loses nothing"
