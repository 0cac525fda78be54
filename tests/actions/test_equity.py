"""The health equity impact plane at its edges."""

import pytest
from made_actions import make_action, make_cells

import hyteanalysis as hyte
from hyteanalysis.actions import equity_impact


def test_a_change_of_just_the_tolerance_is_no_change():
    told = equity_impact([1.0, 1.0], [[1.25, 1.25], [1.5, 1.5], [0.75, 0.75]], [2, 2], aversion=0, tolerance=1.0)
    assert told["efficiency"].tolist() == [1.0, 2.0, -1.0]
    assert told["quadrant"].tolist() == ["no_material_change", "helps_all_alike", "no_material_change"]


@pytest.mark.parametrize(
    ("shares", "reach", "narrows"),
    [((0.2, 0.2), 0.2, 0.0), ((0.4, 0.1), {"value": 0.2, "by_group": {"high": 0}}, 1.0)],
)
def test_a_draw_narrows_the_gap_where_equity_gains_more_than_the_tolerance(shares, reach, narrows):
    """Two groups alike before and after: no draw narrows anything. Help for the worse off alone: all draws do."""
    cells = make_cells([("A", "low", 1, 10_000, shares[0]), ("A", "high", 2, 10_000, shares[1])])
    action = make_action(effect={"scale": "rr", "value": 0.75, "lower": 0.65, "upper": 0.86}, reach=reach)
    found = hyte.impact(cells, action, draws=200, seed=1).plane().iloc[0]
    assert found["efficiency"] > 0
    assert found["p_narrows"] == narrows
