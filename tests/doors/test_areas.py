"""Areas in every spelling come to one code; what begins like an official code and is none is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

import hyteanalysis as hyte
from hyteanalysis import areas
from hyteanalysis.areas.spelling import spelt

MUNICIPALITIES = areas.reference(2025).query("level == 'municipality'")["area"].tolist()


@given(
    code=st.sampled_from(MUNICIPALITIES),
    spelling=st.sampled_from(
        ["{code}", "{low}", " {code} ", "{code}\u00a0", "{code} {name}", "{digits} {name}", "kunta {digits}", "{name}",
         "{upper}", "{code}: {name}", "KU-{digits}", "KU {digits}", "{swedish}", "Municipality {digits}"]
    ),
)  # fmt: skip
def test_a_municipality_in_any_spelling(code, spelling):
    name, swedish = areas.name(code, "fi"), areas.name(code, "sv")
    said = spelling.format(code=code, low=code.lower(), name=name, digits=code[2:], upper=name.upper(), swedish=swedish)
    assert spelt(said).code == code


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("010091", "KU091"), ("FI-18", "MK01"), ("FI1B1", "MK01"), ("fi200", "MK21"), ("FI", "SSS"),
        ("Koko maa", "SSS"),
        ("hva05", "HVA05"), ("maakunta 08", "MK08"), ("hyvinvointialue 5", "HVA05"), ("Pertunmaa", "KU588"),
    ],
)  # fmt: skip
def test_codes_of_other_systems_and_former_municipalities(said, code):
    assert spelt(said).code == code


@pytest.mark.parametrize("said", ["harbour", "KUU1", "20 kerrosta", "091", "Ahvenanmaa", "Ei tiedossa"])
def test_own_ids_and_names_of_two_areas_stay_as_they_are(said):
    assert spelt(said) is None


@pytest.mark.parametrize("said", ["KU0911", "FI1X9", "ku91", "HVA1234", "KU091 Espoo"])
def test_what_begins_like_an_official_code_and_is_none_is_refused(tmp_path, said):
    with pytest.raises(hyte.HyteError, match=said):
        spelt(said)
    (tmp_path / "a.csv").write_text(f"indicator;area;period;dimension;group;estimate\ni;{said};2022;total;total;1,5\n")
    with pytest.raises(hyte.TidyError, match=said):
        hyte.tidy(hyte.sources.read_table(tmp_path / "a.csv"))


def test_a_name_that_told_the_area_is_said(tmp_path):
    (tmp_path / "a.csv").write_text(
        "indicator;area;period;dimension;group;estimate\n"
        "i;Helsinki;2022;total;total;1,5\ni;ku005;2022;total;total;2,5\n"
    )
    found = hyte.tidy(hyte.sources.read_table(tmp_path / "a.csv"))
    assert found["area"].tolist() == ["KU091", "KU005"]
    assert found["note"].fillna("").tolist() == ["Area 'Helsinki' was read as KU091.", ""]
    (tmp_path / "p.csv").write_text("area;smokes\nHelsinki;1\nKU091;0\n")
    cells = hyte.aggregate(tmp_path / "p.csv", by=[], outcomes={"s": "smokes"})
    assert cells[["area", "respondents"]].to_numpy().tolist() == [["KU091", 2.0]]
    assert cells["note"].tolist() == ["Area 'Helsinki' was read as KU091."]


@pytest.mark.parametrize("said", ["harbour", "KU999", "ku91", "Helsinki-Vantaa"])
def test_nothing_outside_the_official_hierarchy_is_counted(tmp_path, said):
    (tmp_path / "p.csv").write_text(f"area;smokes\nKU091;1\n{said};0\n")
    with pytest.raises(hyte.HyteError, match=said):
        hyte.aggregate(tmp_path / "p.csv", by=[], outcomes={"s": "smokes"}, hierarchy="official", year=2025)
