"""The finding: right numbers and honest words in three languages, for every kind of indicator and area."""

import math
import re
from dataclasses import FrozenInstanceError

import pandas as pd
import pytest
from released import CITY, COUNTRY, COUNTY, education, found_of, made, smoking, total

import hyteanalysis as hyte
from hyteanalysis import findings
from hyteanalysis.errors import HyteError
from hyteanalysis.findings import contrasts, lookup
from hyteanalysis.i18n import LANGS, NBSP


@pytest.fixture(scope="module")
def release():
    return made(smoking())


@pytest.fixture(scope="module")
def county(release):
    return hyte.finding(release, indicator="smoking", area=COUNTY, dimension="education")


def test_numbers_of_the_answer_are_those_of_the_cells(county):
    low, mid, high = 34.1 - 1.2 * 9, 20.3 - 0.5 * 9, 6.2
    assert (county.worst, county.best, county.period, county.shown_area) == ("low", "high", "2022", COUNTY)
    assert county.groups["group"].tolist() == ["low", "mid", "high"]
    assert county.difference.estimate == pytest.approx(low - high)
    assert county.ratio.estimate == pytest.approx(low / high)
    assert county.difference.verdict == county.ratio.verdict == "worse"
    assert county.people == pytest.approx(100_000 * (low - high + mid - high) / 100, rel=0.001)
    se = [100 * math.sqrt(y / 100 * (1 - y / 100) / 2000) for y in (low, high)]
    assert county.difference.upper - county.difference.estimate == pytest.approx(1.959964 * math.hypot(*se))


def test_area_against_the_whole_reckons_with_being_part_of_it(county):
    compared = county.against_whole
    se, se_whole = (100 * math.sqrt(y / 100 * (1 - y / 100) / n) for y, n in ((15.5, 6000), (14.4, 60000)))
    variance = se**2 + se_whole**2 - 2 * 0.1 * se**2
    assert compared.between == (COUNTY, COUNTRY)
    assert compared.estimate == pytest.approx(1.1)
    assert compared.upper - compared.estimate == pytest.approx(1.959964 * math.sqrt(variance))
    assert (compared.clear, compared.verdict) == (True, "weaker")


def test_change_is_of_the_gap_over_five_years(county):
    assert county.change.between == ("2017", "2022")
    assert county.change.estimate == pytest.approx((23.3 - 6.2) - (29.3 - 6.2))
    assert (county.change.verdict, county.change.clear) == ("narrowed", True)


def test_a_finding_is_frozen_and_unrounded(county):
    with pytest.raises(FrozenInstanceError):
        county.worst = "mid"
    assert county.difference.lower != round(county.difference.lower, 6)


def test_finnish_sentences_say_all_of_it(county):
    worst, gap, people, whole, change, reliability, *_ = county.sentences("fi")
    assert worst == f"Heikoin tilanne on ryhmässä matala koulutus: 23,3{NBSP}% (95{NBSP}%:n luottamusväli 21,4–25,2)."
    assert "”matala koulutus” ja ”korkea koulutus” välillä on 17,1 prosenttiyksikköä (15,0–19,2)" in gap
    assert "3,8-kertainen" in gap
    assert people == (
        f"Näissä ryhmissä asia koskee nyt noin 45{NBSP}000 ihmistä (43{NBSP}000–48{NBSP}000). Jos kaikilla olisi "
        f"vähintään ryhmän ”korkea koulutus” taso, asia koskisi noin 27{NBSP}000 ihmistä vähemmän "
        f"(24{NBSP}000–30{NBSP}000)."
    )
    assert whole.startswith("Pirkanmaan hyvinvointialue: kokonaistaso on 15,5")
    assert "selvästi heikompi kuin koko maassa" in whole
    assert change.startswith("Ero on kaventunut (2017–2022): muutos on −6,0 prosenttiyksikköä")
    assert reliability == "Luotettavuus: hyvä."


@pytest.mark.parametrize("lang", LANGS)
def test_every_language_says_as_much_with_the_same_numbers(county, lang):
    said, finnish = county.parts(lang), county.parts("fi")
    assert list(said) == list(finnish)
    for name, sentence in said.items():
        assert sentence.endswith(".")
        assert "{" not in sentence
        assert re.sub(r"\D", "", sentence) == re.sub(r"\D", "", finnish[name]), name
    assert county.headline(lang)


def test_a_municipality_without_groups_shows_its_county_and_says_so(release):
    city = hyte.finding(release, indicator="smoking", area=CITY, dimension="education")
    assert (city.asked_area, city.shown_area) == (CITY, COUNTY)
    assert "fallback" in city.states
    assert city.sentences("fi")[0] == (
        "Tätä tietoa ei ole väestöryhmittäin alueelta Tampere. Luvut kuvaavat laajempaa aluetta: "
        "Pirkanmaan hyvinvointialue."
    )
    assert city.against_whole.between == (CITY, COUNTRY)
    assert city.against_whole.verdict == "no_clear_difference"
    assert "voi johtua sattumasta" in city.parts("fi")["whole"]


def test_a_reversed_gap_keeps_its_sign_and_is_called_reversed():
    found = found_of(education("smoking", COUNTY, "2022", (12.0, 16.0, 24.0), n=2000))
    assert found.difference.estimate == pytest.approx(-12)
    assert found.difference.verdict == "reversed"
    assert "reversed" in found.states
    assert "käänteinen" in found.parts("fi")["gap"]
    assert "omvänd" in found.parts("sv")["gap"]
    assert "−12,0 prosenttiyksikköä" in found.parts("fi")["gap"]
    assert "2,0-kertainen" in found.parts("fi")["gap"]


def test_favourable_indicators_have_the_lowest_as_weakest():
    found = found_of(education("voting", COUNTY, "2022", (52.0, 64.0, 78.0), n=2000), "voting")
    assert (found.worst, found.best) == ("low", "high")
    assert found.difference.estimate == pytest.approx(26)
    assert found.difference.verdict == "worse"
    assert found.people == pytest.approx(100_000 * (26 + 14) / 100, rel=0.001)
    assert "ihmistä enemmän" in found.parts("fi")["people"]
    assert "fler personer" in found.parts("sv")["people"]
    assert f"puuttuu nyt noin 110{NBSP}000 ihmiseltä" in found.parts("fi")["people"]


def test_rates_count_cases_and_means_have_no_people():
    rate = found_of(education("hospital", COUNTY, "2022", (520.0, 410.0, 300.0), n=100_000), "hospital")
    assert rate.people == pytest.approx(5_000_000 * (220 + 110) / 100_000, rel=0.001)
    assert "tapauksia olisi noin" in rate.parts("fi")["people"]
    assert f"/ 100{NBSP}000 asukasta" in rate.parts("fi")["worst"]
    mean = found_of(education("sleep", COUNTY, "2022", (6.6, 7.0, 7.4), n=900), "sleep")
    assert mean.people is None
    assert f"6,60{NBSP}h" in mean.parts("fi")["worst"]
    assert mean.headline("sv").startswith("Unen pituus")


def test_own_areas_with_own_names_are_compared_with_their_whole():
    rows = education("smoking", "harbour", "2022", (24.0, 16.0, 8.0))
    rows += [total("smoking", "harbour", "2022", 20.0, n=2000), total("smoking", "town", "2022", 12.0, n=9000)]
    areas = pd.DataFrame([{"area": "harbour", "label_fi": "Satama"}, {"area": "town", "label_fi": "Kaupunki"}])
    hierarchy = pd.DataFrame([{"area": "harbour", "parent": "town"}])
    release = made(rows, areas=areas, hierarchy=hierarchy)
    found = hyte.finding(release, indicator="smoking", area="harbour", dimension="education")
    assert found.against_whole.between == ("harbour", "town")
    assert "vertailualueella Kaupunki" in found.parts("fi")["whole"]
    assert found.parts("sv")["whole"].startswith("Satama:")


def test_unknown_ids_are_named(release):
    for wrong, match in (
        ({"indicator": "smokin"}, "smoking"),
        ({"dimension": "educatoin"}, "education"),
        ({"period": "1999"}, "2022"),
    ):
        asked = {"indicator": "smoking", "area": COUNTY, "dimension": "education", **wrong}
        with pytest.raises(HyteError, match=match):
            hyte.finding(release, **asked)


def test_an_area_without_any_rows_has_an_answer_too():
    rows = education("smoking", COUNTY, "2022", (24.0, 16.0, 8.0))
    found = hyte.finding(made(rows), indicator="smoking", area="HVA10", dimension="education")
    assert found.states == ("no_data",)
    for lang in LANGS:
        assert len(found.sentences(lang)) == 1


@pytest.mark.parametrize(
    ("periods", "now", "earlier"),
    [
        (["2013", "2015", "2017", "2019"], "2019", "2013"),
        (["2014-2016", "2019-2021"], "2019-2021", "2014-2016"),
        (["2021", "2022"], "2022", None),
        (["wave 1", "wave 2"], "wave 2", None),
        (["2010", "2022"], "2022", None),
    ],
)
def test_the_earlier_period_is_about_five_years_back(periods, now, earlier):
    assert contrasts.earlier_period(periods, now) == earlier


def test_many_findings_at_once_are_those_asked_one_by_one(release):
    rows = smoking() + [
        row for year in ("2017", "2022") for row in education("voting", COUNTY, year, (50.0, 60.0, 70.0))
    ]
    together = findings.findings(made(rows), area=CITY, dimension="education")
    assert [one.indicator for one in together] == ["smoking", "voting"]
    for one in together:
        alone = hyte.finding(made(rows), indicator=one.indicator, area=CITY, dimension="education")
        assert one.sentences("fi") == alone.sentences("fi")
    with pytest.raises(HyteError, match="education"):
        findings.findings(release, area=CITY, dimension="educatoin")


def test_a_large_release_is_read_area_by_area_with_the_same_answer(county, monkeypatch):
    monkeypatch.setattr(lookup, "LARGE", 0)
    monkeypatch.setattr(lookup, "AT_ONCE", 0)
    fresh = made(smoking())
    hyte.finding(fresh, indicator="smoking", area=COUNTRY, dimension="education")
    found = hyte.finding(fresh, indicator="smoking", area=COUNTY, dimension="education")
    assert found.sentences("fi") == county.sentences("fi")
    assert found.change == county.change
