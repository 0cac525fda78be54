"""Sums of money that describe their largest contributor."""

import pandas as pd
import pytest

from hyteanalysis.disclosure import Policy, dominant
from hyteanalysis.errors import DisclosureError

FIRMS = pd.DataFrame({"town": ["a", "a", "a", "b", "b", "b", "c"], "pay": [60, 20, 20, 40, 40, 20, 0]})


def unsafe(**rules):
    return dominant(FIRMS, "town", value="pay", policy=Policy(**rules)).set_index("town")["unsafe"].to_dict()


def test_each_rule_begins_where_it_says():
    assert unsafe(dominance=(1, 59)) == {"a": True, "b": False, "c": False}
    assert unsafe(dominance=(1, 60)) == {"a": False, "b": False, "c": False}  # exactly k % is not more than it
    assert unsafe(dominance=(2, 79)) == {"a": True, "b": True, "c": False}
    assert unsafe(p_percent=34) == {"a": True, "b": False, "c": False}  # the rest, 20, is 33.3 % of 60
    assert unsafe(p_percent=33) == {"a": False, "b": False, "c": False}
    assert unsafe(p_percent=51) == {"a": True, "b": True, "c": False}
    assert unsafe(p_percent=51, dominance=(1, 59)) == {"a": True, "b": True, "c": False}


def test_what_the_rules_cannot_judge_is_refused():
    with pytest.raises(DisclosureError, match="neither 'dominance' nor 'p_percent'"):
        dominant(FIRMS, "town", value="pay", policy=Policy())
    with pytest.raises(DisclosureError, match="column must be one of town, pay"):
        dominant(FIRMS, ["town", "branch"], value="pay", policy=Policy(p_percent=10))
    with pytest.raises(DisclosureError, match="'pay' has 2 contributions missing or negative"):
        dominant(FIRMS.assign(pay=[-1, None, 1, 1, 1, 1, 1]), "town", value="pay", policy=Policy(p_percent=10))
