"""Results show themselves in notebooks: escaped, in the session's language, with real headers."""

import numpy as np
import pandas as pd
import pytest

import hyteanalysis as hyte
from hyteanalysis import places
from hyteanalysis.display import ROWS, shown


@pytest.fixture(autouse=True)
def back():
    yield
    hyte.set_language(None)


def test_a_plan_shows_its_facts_in_the_sessions_language_and_escapes_them():
    plan = hyte.Plan.read(places.committed("plans", "example.yml")).changed(title="<b>Plan</b>")
    assert '<section lang="fi">' in plan._repr_html_()
    hyte.set_language("sv")
    said = plan._repr_html_()
    assert '<section lang="sv"><h4>&lt;b&gt;Plan&lt;/b&gt;</h4>' in said
    assert f'<th scope="row">Mål</th><td>{len(plan.goals)}</td>' in said
    assert "Övningsmaterial" in said


def test_a_table_counts_the_rows_it_does_not_show():
    hyte.set_language("en")
    frame = pd.DataFrame({"area<": ["KU091"] * (ROWS + 2), "value": np.r_[0.12345, np.nan, np.arange(float(ROWS))]})
    said = shown("Title", frame=frame)
    assert '<th scope="col">area&lt;</th>' in said
    assert "<td>0.123</td>" in said
    assert "<td>..</td>" in said
    assert said.count("<td>KU091</td>") == ROWS
    assert "and 2 more rows" in said


def test_a_decomposition_says_its_sentence_and_assumptions():
    cells = pd.DataFrame(
        {
            "sex": ["w", "w", "m", "m"],
            "age": ["y", "o"] * 2,
            "estimate": [0.1, 0.3, 0.2, 0.4],
            "population": [5, 15, 9, 9],
        }
    )
    result = hyte.decomposition.kitagawa(cells, between="sex", groups=("w", "m"), by=["age"])
    hyte.set_language("en")
    assert result.sentence("en").split(".")[0][:20] in result._repr_html_()
    assert "Parts of the gap" in result._repr_html_()
