"""A release is proved again from its files: what somebody showed or left in it is found."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from commands import refused, run
from small_world import K5, KEYS, counts, rewritten
from worlds import intervals, world

import hyteanalysis as hyte
from hyteanalysis.disclosure import Release, audit


def test_a_release_passes_the_audit_from_its_files(folder):
    found = audit(Release.open(folder))
    assert found.safe
    assert found.unsafe.empty
    answer = run("audit", folder)
    assert answer.returncode == 0
    assert "safe" in answer.stdout
    assert len(answer.stdout.strip().splitlines()) == 1


def test_a_shown_small_count_fails_the_audit(made, folder):
    truth = made[0].set_index(KEYS)["events"]

    def show(cells):
        place = next(row.Index for row in cells.itertuples() if 1 <= truth[row.area, row.dimension, row.group] <= 4)
        cells.loc[place, ["events", "estimate"]] = 3.0
        cells.loc[place, "status"] = "ok"
        return cells

    rewritten(folder, show)
    found = audit(Release.open(folder))
    assert found.unsafe["reason"].tolist()[0] == "shown"
    answer = run("audit", folder)
    assert answer.returncode == 1
    assert "NOT SAFE" in answer.stdout
    assert "shown" in answer.stdout


def test_a_number_left_in_a_suppressed_row_fails_the_audit(made, folder):
    truth = made[0].set_index(KEYS)["events"]

    def leave(cells):
        keys = pd.MultiIndex.from_frame(cells[KEYS])
        place = (cells["status"] == "suppressed") & truth.reindex(keys).between(1, 4).array
        cells.loc[place, "events"] = truth.reindex(keys[place]).array
        return cells

    rewritten(folder, leave)
    assert not audit(Release.open(folder)).safe


def test_a_hidden_count_that_subtraction_gives_fails_the_audit(made, folder):
    """Show every hidden number but one small one: its margin then gives it back."""
    truth = made[0].set_index(KEYS)["events"]

    def open_all_but_one(cells):
        keys = pd.MultiIndex.from_frame(cells[KEYS])
        hidden = cells.index[cells["status"] == "suppressed"]
        kept = next(row for row in hidden if 1 <= truth[keys[row]] <= 4)
        small = [row for row in hidden if 1 <= truth[keys[row]] <= 4]
        rows = [row for row in hidden if row not in small]
        cells.loc[rows, "events"] = truth.reindex(keys[rows]).array
        cells.loc[rows, "estimate"] = cells.loc[rows, "events"]
        cells.loc[rows, "status"] = "ok"
        assert kept in small
        return cells

    rewritten(folder, open_all_but_one)
    found = audit(Release.open(folder))
    assert not found.safe
    bad = found.unsafe
    assert ((bad["low"] >= 1) & (bad["high"] <= 4)).all()
    assert (bad["low"] <= bad["high"]).all()


@pytest.mark.parametrize(
    ("events", "people", "low", "high", "reason"),
    [(50, 100.0, 47, 100, ""), (2, 3.0, 96, 99, "certain that few are without")],
)
def test_that_few_are_without_the_outcome_may_not_be_certain(events, people, low, high, reason):
    """97 of 100 in A are hidden with B under a shown sum: what B may be at least and at most is left to A."""
    under = pd.DataFrame({"area": ["A", "B"], "parent": "R"})
    rows = [("A", "total", "total", 97), ("B", "total", "total", events), ("R", "total", "total", 97 + events)]
    frame = counts(rows, population=[100.0, people, 100.0 + people])
    made = hyte.release(frame, policy=hyte.Policy.from_profile("open"), hierarchy=under)
    inside = made.cells["area"] != "R"
    cells = made.cells.assign(status=made.cells["status"].mask(inside, "suppressed"))
    cells = cells.assign(events=cells["events"].mask(inside), estimate=cells["estimate"].mask(inside))
    strict = {**made.manifest, "policy": hyte.Policy().to_dict()}
    found = audit(Release(strict, {"cells": cells, "indicators": made.indicators}), hierarchy=under)
    told = found.intervals.query("kind == 'unseen'").set_index("area").loc["A"]
    assert told[["low", "high", "safe", "reason"]].tolist() == [low, high, not reason, reason]


def planted(least, start=0):
    """At least so many releases with a leak: numbers shown again, until an outsider can tell a small one."""
    found = 0
    for seed in range(start, start + 500):
        cells, hierarchy = world(seed, areas=4, nested=False, parts=("language",))
        made = hyte.release(cells, policy=K5, hierarchy=hierarchy)
        truth = cells.set_index(KEYS)["events"]
        keys = pd.MultiIndex.from_frame(made.cells[KEYS])
        for place in np.flatnonzero((made.cells["status"] == "suppressed") & ~truth.reindex(keys).between(1, 4).array):
            opened = made.cells.copy()
            opened.loc[place, ["events", "estimate"]] = truth[keys[place]]
            opened.loc[place, "status"] = "ok"
            told = intervals(opened, hierarchy)
            if ((told["low"] >= 1 - 1e-6) & (told["high"] < 5 - 1e-6)).any():
                found += 1
                yield Release(made.manifest, {"cells": opened, "indicators": made.indicators})
            if found >= least:
                return


def test_the_audit_finds_each_planted_leak():
    assert [audit(leaky, progress=False).safe for leaky in planted(8)] == [False] * 8


@pytest.mark.slow
def test_the_audit_finds_each_of_two_hundred_planted_leaks():
    assert [audit(leaky, progress=False).safe for leaky in planted(200, start=100)] == [False] * 200


def test_shown_numbers_that_contradict_one_another_are_refused(folder):
    def spoil(cells):
        cells.loc[(cells["area"] == "Total") & (cells["dimension"] == "total"), "events"] += 1000
        return cells

    rewritten(folder, spoil)
    refused(run("audit", folder), "do not add up")
    refused(run("audit", folder.parent / "nowhere"), "no release folder")


@pytest.mark.slow
def test_the_example_release_passes_the_audit():
    answer = run("audit", Path(__file__).resolve().parents[2] / "data" / "releases" / "example")
    assert answer.returncode == 0, answer.stdout


def test_paavo_by_municipality_is_released_and_audited(shared, tmp_path):
    """Real counts of 2018 by municipality, k = 5: what a municipality's own statistician would try first."""
    paavo = pd.read_csv(shared("data/fi/paavo2020_by_municipality.csv"), dtype={"kunta_code": "str"})
    ages = [name for name in paavo if name.endswith("(HE)") and " years" in name]
    assert len(ages) >= 19
    codes = ("KU" + paavo["kunta_code"]).where(
        paavo["kunta_code"].notna(), paavo["Area"].str[:4]
    )  # regions stand between
    wide = paavo.set_index(codes)
    bands = wide[ages].rename(columns=lambda name: name.split(" years")[0].replace(" or over", "").strip())
    bands = bands.rename(columns={"85": "85+"})
    parts = {
        "total": wide[["Inhabitants, total, 2018 (HE)"]].set_axis(["total"], axis=1),
        "sex": wide[["Males, 2018 (HE)", "Females, 2018 (HE)"]].set_axis(["men", "women"], axis=1),
        "age": bands,
    }
    cells = pd.concat(
        [
            part.rename_axis("area")
            .reset_index()
            .melt("area", var_name="group", value_name="events")
            .assign(dimension=name)
            for name, part in parts.items()
        ],
        ignore_index=True,
    )
    cells = cells.assign(indicator="paavo-inhabitants", period="2018", estimate=cells["events"].astype(float))
    cells.to_csv(tmp_path / "paavo.csv", index=False)
    (tmp_path / "k5.yml").write_text("minimum_count: 5\n")
    answer = run("release", tmp_path / "paavo.csv", "--policy", tmp_path / "k5.yml", "-o", tmp_path / "release")
    assert answer.returncode == 0, answer.stderr
    opened = Release.open(tmp_path / "release")
    assert not opened.cells["events"].between(1, 4).any()
    small = cells["events"].between(1, 4).sum()
    assert (opened.cells["status"] == "suppressed").sum() > small > 0
    assert run("audit", tmp_path / "release").returncode == 0
