"""The health equity impact plane at its edges."""

from hyteanalysis.actions import equity_impact


def test_a_change_of_just_the_tolerance_is_no_change():
    told = equity_impact([1.0, 1.0], [[1.25, 1.25], [1.5, 1.5], [0.75, 0.75]], [2, 2], aversion=0, tolerance=1.0)
    assert told["efficiency"].tolist() == [1.0, 2.0, -1.0]
    assert told["quadrant"].tolist() == ["no_material_change", "helps_all_alike", "no_material_change"]
