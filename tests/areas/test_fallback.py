"""Which area is shown: municipality, its county, the whole country."""

import pandas as pd
import pytest

from hyteanalysis import areas
from hyteanalysis.errors import HyteError, TidyError


def cells(*rows: tuple[str, str, str]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["area", "dimension", "status"])
    return frame.assign(indicator="loneliness", period="2025", group="g")


@pytest.mark.parametrize(
    ("rows", "asked", "answer"),
    [
        ([("KU285", "education", "ok"), ("HVA10", "education", "ok")], "KU285", "KU285"),
        ([("KU285", "sex", "ok"), ("HVA10", "education", "ok")], "KU285", "HVA10"),
        ([("KU286", "education", "ok"), ("SSS", "education", "ok")], "KU285", "SSS"),
        ([("KU285", "education", "suppressed"), ("HVA10", "education", "ok")], "KU285", "KU285"),
        ([("KU285", "education", "missing"), ("HVA10", "education", "ok")], "KU285", "HVA10"),
        ([("KU285", "education", "missing"), ("KU285", "education", "uncertain")], "KU285", "KU285"),
        ([("KU285", "education", "missing"), ("HVA10", "education", "suppressed")], "KU285", "HVA10"),
        ([("MK08", "education", "ok"), ("YTA1", "education", "ok"), ("SK082", "education", "ok")], "KU285", None),
        ([("SSS", "education", "ok")], "HVA10", "SSS"),
        ([("SSS", "education", "ok")], "MK08", "SSS"),
        ([("SSS", "education", "ok")], "PNO48100", "SSS"),
        ([("SSS", "education", "ok")], "harbour", None),
        ([("SSS", "education", "missing")], "KU285", None),
        ([("HVA12", "education", "ok")], "KU588", "HVA12"),
    ],
)
def test_shown(rows: list[tuple[str, str, str]], asked: str, answer: str | None) -> None:
    assert areas.shown(cells(*rows), asked, "loneliness", "education") == answer


def test_shown_looks_at_the_indicator_and_period_asked_for() -> None:
    frame = pd.concat([cells(("KU285", "education", "ok")), cells(("HVA10", "education", "ok")).assign(period="2023")])
    assert areas.shown(frame, "KU285", "loneliness", "education") == "KU285"
    assert areas.shown(frame, "KU285", "loneliness", "education", period="2023") == "HVA10"
    assert areas.shown(frame, "KU285", "smoking", "education") is None
    assert areas.shown(frame.drop(columns="status"), "KU285", "loneliness", "education") == "KU285"


def test_own_areas_follow_the_hierarchy_given() -> None:
    tree = pd.DataFrame({"area": ["harbour", "wharf", "abroad"], "parent": ["KU285", "harbour", "elsewhere"]})
    assert areas.fallbacks("wharf", tree) == ["wharf", "KU285", "HVA10", "SSS"]
    assert areas.fallbacks("abroad", tree) == ["abroad"]
    frame = cells(("HVA10", "education", "ok"))
    assert areas.shown(frame, "harbour", "loneliness", "education", hierarchy=tree) == "HVA10"


def test_every_municipality_ever_falls_back_to_a_county() -> None:
    every = areas.reference()
    for code in every.loc[every["level"] == "municipality", "area"]:
        asked, county, country = areas.fallbacks(code)
        assert (asked, areas.level(county), country) == (code, "county", "SSS")


def test_faulty_asking() -> None:
    with pytest.raises(HyteError, match="KU091"):
        areas.shown(cells(("SSS", "education", "ok")), "91", "loneliness", "education")
    with pytest.raises(TidyError, match="lack dimension"):
        areas.shown(cells(("SSS", "education", "ok")).drop(columns="dimension"), "KU285", "loneliness", "education")
