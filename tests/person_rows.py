"""What the tests of person rows share: how cells are compared, and how one of them is found."""

import numpy as np
import pandas as pd

KEYS = ["indicator", "area", "period", "dimension", "group"]
NUMBERS = ["estimate", "se", "lower", "upper", "population", "events", "respondents"]


def same(one, other, tolerance=1e-12):
    pd.testing.assert_frame_equal(one[KEYS], other[KEYS])
    for column in NUMBERS:
        np.testing.assert_allclose(one[column], other[column], rtol=tolerance, atol=tolerance, err_msg=column)


def row(cells, **where):
    found = cells
    for column, value in where.items():
        found = found[found[column] == value]
    assert len(found) == 1
    return found.iloc[0]
