"""The register against the source it was made from, its names, and its levels."""

import pandas as pd
import pytest

from hyteanalysis import areas
from hyteanalysis.areas.register import reference_table
from hyteanalysis.errors import HyteError, TidyError

COUNTS = {
    **{2013: 320, 2014: 320, 2015: 317, 2016: 313, 2017: 311, 2018: 311, 2019: 311, 2020: 310},
    **{2021: 309, 2022: 309, 2023: 309, 2024: 309, 2025: 308, 2026: 308},
}


@pytest.mark.parametrize(("year", "municipalities"), COUNTS.items())
def test_counts_of_areas_by_year(year: int, municipalities: int) -> None:
    assert areas.reference(year)["level"].value_counts().to_dict() == {
        "country": 1,
        "collaborative": 5,
        "county": 23,
        "region": 19,
        "subregion": 70 if year <= 2020 else 69,
        "municipality": municipalities,
    }


def test_every_level_is_told_from_the_code() -> None:
    frame = areas.reference()
    assert frame["area"].map(areas.level).equals(frame["level"])
    assert areas.level("PNO00100") == "postal"
    assert {areas.level(code) for code in ("harbour", "SE-AB", "KULMA", "ku285", "SSS1")} == {"own"}


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("91", "KU091 \\(Helsinki\\)"),
        ("KU91", "KU091 \\(Helsinki\\)"),
        ("285", "KU285 \\(Kotka\\)"),
        ("00100", "PNO00100"),
        ("HVA5", "HVA05 \\(Varsinais-Suomen"),
        ("HVA0010", "HVA10"),
        ("MK8", "MK08 \\(Kymenlaakso\\)"),
        ("KU1234", "KU takes 3 digits"),
        ("", "empty"),
    ],
)
def test_malformed_codes_are_refused_with_the_likely_one(code: str, said: str) -> None:
    with pytest.raises(HyteError, match=said):
        areas.level(code)


def test_populations_of_2022_add_up_to_the_published_total() -> None:
    frame = areas.reference(2022)
    assert (frame["population_year"] == 2022).all()
    sums = frame.groupby("level")["population"].sum()
    for level in ("country", "county", "region", "subregion", "municipality"):
        assert sums[level] == 5_563_970
    assert sums["collaborative"] == 5_563_970 - frame.set_index("area").at["HVA91", "population"]


def test_centre_points_lie_in_finland_and_only_abolished_areas_lack_them() -> None:
    frame = areas.reference(2024)
    assert frame["lon"].between(19, 32).all()
    assert frame["lat"].between(59.5, 70.2).all()
    every = areas.reference()
    assert (every.loc[every["lon"].isna(), "last_year"] < 2024).all()


def test_unknown_year_is_refused() -> None:
    for asked in (areas.reference, areas.hierarchy, areas.classes):
        with pytest.raises(HyteError, match="2012 is not known; known are 2013–2026"):
            asked(2012)


def test_tables_cannot_be_spoilt_by_a_caller() -> None:
    for frame in (areas.reference(), areas.mergers(), areas.hierarchy(2025)):
        frame.loc[:, frame.columns[1]] = "x"
    assert areas.name("KU285", "fi") == "Kotka"
    assert areas.reference()["level"].nunique() == 6
    assert areas.mergers()["into"].nunique() == 11
    assert areas.ancestors("KU285")[-1] == "SSS"


def test_names() -> None:
    assert [areas.name("HVA10", lang) for lang in ("fi", "sv", "en")] == [
        "Kymenlaakson hyvinvointialue",
        "Kymmenedalens välfärdsområde",
        "Kymenlaakso wellbeing services county",
    ]
    assert areas.name("KU010", "sv") == "Alavo"  # the newest of the names it has had
    assert areas.name("KU478", "en") == "Mariehamn"
    assert areas.name("SSS", "fi") == "Koko maa"
    own = pd.DataFrame({"area": ["harbour", "mill"], "label_fi": ["Satama", None], "label_sv": ["", "Kvarnen"]})
    assert areas.name("harbour", "fi", own) == "Satama"
    assert areas.name("harbour", "sv", own) == "Satama"
    assert areas.name("mill", "fi", own) == "Kvarnen"
    assert areas.name("quay", "fi", own) == "quay"
    assert areas.name("KU285", "en", own) == "Kotka"
    with pytest.raises(HyteError, match="language"):
        areas.name("SSS", "de")


def test_no_area_lacks_a_name() -> None:
    frame = areas.reference()
    assert frame[["label_fi", "label_sv", "label_en"]].notna().all(axis=None)
    assert not frame.duplicated(["level", "label_fi"]).any()
    assert frame["area"].is_unique


def test_near_finds_by_name_and_by_code() -> None:
    assert "KU091" in areas.near("Helsingfors")
    assert "KU507" in areas.near("mantyharju")
    assert areas.near("KU285")[0] == "KU285"
    assert areas.near("xyzzy") == []


def test_unknown_codes_are_all_listed_with_what_to_do() -> None:
    with pytest.raises(TidyError) as found:
        areas.check_codes(["KU285", "KU588", "KU999", "91", "SK151", "harbour", "PNO48100", "HVA22"], 2025)
    faults = found.value.faults
    assert faults["value"].tolist() == ["KU588", "KU999", "91", "SK151", "HVA22"]
    said = faults["problem"] + " " + faults["remedy"]
    assert "KU588 Pertunmaa joined KU507 Mäntyharju on 2025-01-01" in said[0]
    assert "no municipality KU999 in 2025" in said[1]
    assert "KU091" in said[2]
    assert "abolished after 2020" in said[3]
    assert "no county HVA22" in said[4]
    areas.check_codes(["KU588", "KU507"], 2024)


def test_codes_that_are_no_text_are_faults() -> None:
    with pytest.raises(TidyError, match="Codes are text"):
        areas.check_codes([91, None], 2025)  # type: ignore[list-item]


def test_classes_cover_every_municipality_of_every_year() -> None:
    for year, municipalities in COUNTS.items():
        frame = areas.classes(year)
        assert frame["area"].is_unique
        assert len(frame) == municipalities
        assert set(frame["urbanity"]) == {"urban", "semi-urban", "rural"}
        assert set(frame["language_class"]) == {"fi", "fi-majority", "sv-majority", "sv"}


@pytest.fixture
def key(shared) -> pd.DataFrame:
    frame = pd.read_csv(shared("data/geo/municipality_key_2013_2026.csv"), dtype=str, keep_default_na=False)
    return frame.assign(year=frame["year"].astype(int), area="KU" + frame["kunta_code"])


def test_the_hierarchy_and_classes_are_the_sources(key: pd.DataFrame) -> None:
    urbanity = {"1": "urban", "2": "semi-urban", "3": "rural"}
    language = {"0": "fi", "1": "fi-majority", "2": "sv", "3": "sv-majority"}
    for year, rows in key.groupby("year"):
        rows = rows.set_index("area")
        tree = areas.hierarchy(year)
        for prefix, column in (("SK", "seutukunta_code"), ("MK", "maakunta_code"), ("HVA", "hyvinvointialue_code")):
            ours = tree[tree["area"].str.startswith("KU") & tree["parent"].str.startswith(prefix)]
            ours = ours.set_index("area")["parent"]
            assert set(ours.index) == set(rows.index), (year, prefix)
            stated = rows.loc[rows[column] != "", column]
            assert (ours[stated.index] == prefix + stated).all(), (year, prefix)
        stated = rows[(rows["yhteistyoalue_code"] != "") & (rows["hyvinvointialue_code"] != "91")]
        county = tree[tree["area"].str.startswith("HVA")].set_index("area")["parent"]
        assert (("HVA" + stated["hyvinvointialue_code"]).map(county) == "YTA" + stated["yhteistyoalue_code"]).all()
        classes = areas.classes(year).set_index("area")
        assert (classes.loc[rows.index, "urbanity"] == rows["kuntaryhmitys_code"].map(urbanity)).all()
        assert (classes.loc[rows.index, "language_class"] == rows["kielisuhde_code"].map(language)).all()


def test_years_of_validity_are_the_sources(key: pd.DataFrame) -> None:
    frame = areas.reference().set_index("area")
    spans = key.groupby("area")["year"].agg(["min", "max"])
    assert frame.loc[spans.index, "first_year"].fillna(2013).eq(spans["min"]).all()
    assert frame.loc[spans.index, "last_year"].fillna(2026).eq(spans["max"]).all()


def test_mergers_add_up_the_population_of_2012(shared) -> None:
    """Each municipality's 2012 population in the 2022 division is the sum of those that joined it."""
    old = pd.read_csv(shared("data/fi/sotkanet_54_indicators_1990_2012.csv.gz"), dtype=str)
    old = old[(old["indicator_id"] == "127") & (old["year"] == "2012") & (old["area_level"] == "KUNTA")]
    new = pd.read_csv(shared("data/fi/sotkanet_127_population_2000_2022.csv.gz"), dtype={"kunta_code": str})
    new = new[new["year"] == 2012]
    cells = pd.DataFrame(
        {
            **{"indicator": "population", "area": "KU" + old["area_code"], "period": "2012"},
            **{"dimension": "total", "group": "total", "estimate": old["value"].astype(float)},
            "events": old["value"].astype(float),
        }
    )
    carried = areas.carry_over(cells, 2013, 2022).set_index("area")["estimate"]
    wanted = new.set_index("KU" + new["kunta_code"])["population"]
    assert carried.sort_index().astype(int).to_dict() == wanted.sort_index().to_dict()


def test_populations_are_the_sources(shared) -> None:
    new = pd.read_csv(shared("data/fi/sotkanet_127_population_2000_2022.csv.gz"), dtype={"kunta_code": str})
    new = new[new["year"] == 2022].assign(area=lambda rows: "KU" + rows["kunta_code"]).set_index("area")["population"]
    ours = areas.reference(2022).set_index("area")["population"]
    assert ours[new.index].astype("int64").tolist() == new.tolist()


def test_centre_points_lie_near_the_areas(shared) -> None:
    geopandas = pytest.importorskip("geopandas")
    frame = geopandas.read_file(shared("data/geo/kunnat_2024_land.geojson")).to_crs(3067)
    ours = areas.reference(2024).set_index("area").loc["KU" + frame["kunta_code"]]
    points = geopandas.GeoSeries.from_xy(ours["lon"], ours["lat"], crs=4326).to_crs(3067)
    assert frame.geometry.centroid.distance(points.reset_index(drop=True)).max() < 20  # metres: four decimals


def test_parents_stand_in_the_register() -> None:
    tree = reference_table("area_parents")
    assert set(tree["area"]) | set(tree["parent"]) == set(areas.reference()["area"])
