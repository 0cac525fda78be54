"""How much work a report of a large plan takes: each number found once, each text looked through once."""

import sys
from collections import Counter
from itertools import cycle, islice

import pytest
import reported

from hyteanalysis import reports
from hyteanalysis.disclosure import text as private
from hyteanalysis.figures.kit.topics import groupings
from hyteanalysis.findings import answer
from hyteanalysis.plan import Plan
from hyteanalysis.reports import material

GOALS = 60


def large():
    """Sixty goals over all that the release holds by group, each with grounds of its own."""
    release = reported.release()
    cells = release.select(area=reported.COUNTY)
    cells = cells[(cells["dimension"] != "total") & cells["estimate"].notna()].drop_duplicates(
        ["indicator", "dimension", "group"], keep="last"
    )
    favourable = release.indicators.set_index("indicator")["favourable"]
    goals = [
        {
            "id": f"g{number}", "title": f"Tavoite {number}", "indicator": row.indicator, "area": reported.COUNTY,
            "dimension": row.dimension, "group": row.group, "grounds": f"Peruste {number}.",
            "baseline": {"value": row.estimate, "period": row.period},
            "target": {"value": row.estimate * (1.1 if favourable[row.indicator] else 0.9), "date": "2029-12-31"},
        }
        for number, row in enumerate(islice(cycle(cells.itertuples()), GOALS))
    ]  # fmt: skip
    data = reported.plan().to_dict() | {"goals": goals, "follow_ups": [], "rules": [], "deliberations": []}
    return Plan.from_dict(data | {"documents": []})


def everywhere(monkeypatch, function, put):
    """Put something in the place of a function wherever it was imported."""
    for module in [one for name, one in sys.modules.items() if name.startswith("hyteanalysis")]:
        for name, value in list(vars(module).items()):
            if value is function:
                monkeypatch.setattr(module, name, put)


@pytest.fixture
def work(monkeypatch):
    """Counts of findings asked for by figures, of those made, of figures of one setting, of texts looked through."""
    counts = Counter()
    found, asked, looked, drawn = answer._found, answer.finding, private.check_text, material.figures.trend

    def counting(release, known, setting, places, here):
        counts["made", *setting, *places] += 1
        return found(release, known, setting, places, here)

    def asking(release, **options):
        counts["asked"] += 1
        return asked(release, **options)

    def looking(words):
        counts["looked"] += 1
        return looked(words)

    def drawing(release, **options):
        counts["drawn", *sorted((name, str(value)) for name, value in options.items())] += 1
        return drawn(release, **options)

    monkeypatch.setattr(answer, "_found", counting)
    everywhere(monkeypatch, asked, asking)
    everywhere(monkeypatch, looked, looking)
    monkeypatch.setattr(material.figures, "trend", drawing)
    return counts


def test_a_report_of_sixty_goals_finds_each_number_and_draws_each_figure_once(work):
    plan = large()
    release = reported.release().part("afresh", lambda: {"cells": reported.release().cells})
    work.clear()
    content = reports.made(plan, release, "docx", day=reported.DAY)
    assert content.startswith(b"PK")
    made = {key: number for key, number in work.items() if key[0] == "made"}
    settings = {(goal.indicator, goal.dimension) for goal in plan.goals}
    assert {key[1:3] for key in made} == settings
    assert set(made.values()) == {1}
    assert len(made) <= 2 * len(settings)  # the area and the whole country
    assert work["asked"] <= GOALS * len(groupings(release))
    drawn = [number for key, number in work.items() if key[0] == "drawn"]
    assert drawn == [1] * len(settings)
    assert work["looked"] <= 2  # the report looks at all texts together, and so does the plan's own check


def test_personal_data_are_named_by_place_in_a_plan_of_sixty_goals(work):
    plan = large()
    goals = [*plan.to_dict()["goals"]]
    goals[41] = {**goals[41], "grounds": "Soita 040 123 4567."}
    faulty = Plan.from_dict(plan.to_dict() | {"goals": goals})
    with pytest.raises(material.PlanError, match=r"goals g41\.grounds: phone"):
        reports.made(faulty, reported.release(), "docx", day=reported.DAY)
