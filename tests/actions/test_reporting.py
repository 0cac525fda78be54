"""What `hyte benefit` writes."""

import numpy as np
import pytest
from made_actions import make_action

import hyteanalysis as hyte
from hyteanalysis.actions import report_frames
from hyteanalysis.actions.reporting import BUDGET_SHEETS, SHEETS


def test_every_sheet_is_there_and_agrees_with_the_impact(cells, action):
    impact = hyte.impact(cells, action, draws=300, seed=1)
    plain, budgeted = report_frames(impact), report_frames(impact, budget=300_000, caps=0.5, lang="fi")
    assert tuple(plain) == SHEETS
    assert tuple(budgeted) == (*SHEETS, *BUDGET_SHEETS)
    assert budgeted["groups"]["averted"].sum() == pytest.approx(plain["by_group"]["averted"].sum())
    assert budgeted["scenarios"].set_index("scenario").loc["optimal", "averted"] == pytest.approx(
        budgeted["allocation"]["averted"].sum()
    )
    said = plain["notes"].set_index("kind")["text"]
    assert said["numbers"] == "the researcher's own, from cells that are not released"
    assert "Laskelma on oletuksiin perustuva arvio." in budgeted["notes"]["text"].tolist()
    with pytest.raises(hyte.PlanError, match="budget must be euros above 0"):
        report_frames(impact, budget=0)


def test_inequality_has_the_interval_of_its_change(cells, action):
    found = hyte.impact(cells, action, draws=400, seed=1).inequality.set_index("measure")
    gap = found.loc["D"]
    assert gap["change"] == pytest.approx(gap["after"] - gap["before"])
    assert gap["change_lower"] < gap["change"] < gap["change_upper"]
    assert {"D", "R", "SII", "RII", "ACI", "RCI", "BGV", "TI", "MLD", "PAR", "PAF", "GINI", "ERR", "ATK"} <= set(
        found.index
    )
    assert np.isfinite(found[["before", "after", "change_lower", "change_upper"]].to_numpy()).all()


def test_groups_without_order_have_no_ordered_measure(cells):
    found = hyte.impact(cells.drop(columns="order"), make_action(), draws=100).inequality
    assert not {"SII", "RII", "RCI", "ACI", "ERR"} & set(found["measure"])
    assert {"D", "BGV", "TI"} <= set(found["measure"])
    from hyteanalysis.actions.equity import inequality

    pooled = hyte.impact(cells.drop(columns="order"), make_action(), draws=100).pooled
    with pytest.raises(hyte.MeasureError, match="SII needs ordered groups"):
        inequality(pooled, measures=["SII"])
