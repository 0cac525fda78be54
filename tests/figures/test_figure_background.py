"""Figures of why the gap is there: of a release's cells, and of fitted results under a policy."""

import numpy as np
import pandas as pd
import pytest

import hyteanalysis as hyte
from hyteanalysis import decomposition, figures, places
from hyteanalysis.disclosure import Policy
from hyteanalysis.errors import DisclosureError, HyteError, MeasureError
from hyteanalysis.i18n import LANGS

KINDS = {"kitagawa": "age × education", "theil": "education", "concentration": "age × education",
         "maihda": "age × education", "moran": None}  # fmt: skip
THL = Policy.from_profile("thl")
SOURCE = "Made for this test"


@pytest.fixture(scope="module")
def release():
    return hyte.Release.open(places.committed("releases", "example"))


def draw(kind, release, **options):
    asked = {"indicator": "example-loneliness", "dimension": KINDS[kind], **options}
    return getattr(figures, kind)(release, **asked)


def people(size=900, seed=1):
    rng = np.random.default_rng(seed)
    data = pd.DataFrame({
        "group": rng.choice(["low", "high"], size), "sex": rng.choice(["women", "men"], size),
        "place": rng.choice(["town", "village", "city"], size), "wave": rng.choice(list("abcd"), size),
    })  # fmt: skip
    chance = 0.2 + 0.1 * (data["group"] == "low") + 0.1 * (data["place"] == "village")
    return data.assign(lonely=(rng.random(size) < chance).astype(float), age=rng.normal(50, 10, size))


def parted(size=900):
    return hyte.decompose(
        people(size), outcome="lonely", between="group", groups=("low", "high"), factors=["age", "place"]
    )


def of_results():
    data = people()
    near = hyte.spatial.neighbours(["KU285", "KU286", "KU935", "KU142", "KU405", "KU153", "KU580"], k=2)
    towns = pd.DataFrame({"area": near.areas, "y": np.arange(7.0), "respondents": [100, 20, 300, 400, 500, 600, 700]})
    return {
        "contributions": (figures.contributions, parted()),
        "strata": (figures.strata, hyte.maihda(data, outcome="lonely", strata=["sex", "place", "wave"])),
        "scatter": (figures.scatter, hyte.spatial.moran(towns, near, value="y", permutations=199, seed=1)),
    }


def every_decomposition():
    data = people()
    ask = {"outcome": "lonely", "between": "group", "groups": ("low", "high")}
    deaths = pd.DataFrame([
        (sex, age, cause, count * (2 if sex == "men" else 1), 5_000)
        for sex in ("women", "men") for age, count in (("0-39", 5), ("40-69", 40), ("70+", 300)) for cause in ("a", "b")
    ], columns=["sex", "age", "cause", "deaths", "population"])  # fmt: skip
    towns = pd.DataFrame({"c": list("aabb"), "estimate": [1.0, 2, 3, 5], "population": [9] * 4, "respondents": 90})
    oaxaca = hyte.decompose(data, **ask, factors=["age", "place"])
    return [
        hyte.decompose(data, **ask, factors=["place", "sex"], method="kitagawa"),
        hyte.decompose(data, **ask, factors=["age", "place"], method="threefold"),
        decomposition.change(oaxaca, hyte.decompose(people(seed=2), **ask, factors=["age", "place"])),
        decomposition.concentration(data, outcome="lonely", rank="age", factors=["place", "sex"], draws=60, seed=1),
        decomposition.theil(towns, within="c"),
        decomposition.arriaga(deaths, between="sex", groups=("women", "men"), cause="cause"),
        decomposition.causes(deaths, between="sex", groups=("men", "women"), cause="cause", events="deaths"),
    ]


def test_every_decomposition_has_its_figure():
    for result in every_decomposition():
        bundle = figures.contributions(result, Policy.from_profile("open"), source=SOURCE, lang="en")
        fits(bundle, "en")
        amounts = bundle.table["estimate"]
        assert amounts.iloc[:-1].sum() == pytest.approx(amounts.iloc[-1], abs=1e-10), result.method
        assert amounts.iloc[-1] == pytest.approx(result.total)


RESULTS = ("contributions", "strata", "scatter")


@pytest.fixture(scope="module")
def results():
    return of_results()


def fits(bundle, lang):
    bundle.fig.draw_without_rendering()
    sheet = bundle.fig.bbox
    shown = [*bundle.fig.texts]
    for axes in filter(lambda one: one.axison, bundle.fig.axes):
        shown += [*axes.texts, *axes.get_xticklabels(), axes.xaxis.label, axes.yaxis.label]
    for words in (one for one in shown if one.get_text() and one.get_visible()):
        assert words.get_fontsize() >= 9
        box = words.get_window_extent()
        assert box.x0 >= sheet.x0 - 1, words.get_text()
        assert box.x1 <= sheet.x1 + 4, words.get_text()
    assert 0 < len(bundle.alt) <= 250
    assert bundle.lang == lang
    assert bundle.html_table().count("<tr>") == len(bundle.readable) + 1


@pytest.mark.parametrize("width", [7.5, 16.0])
@pytest.mark.parametrize("kind", KINDS)
def test_words_of_a_release_fit_the_sheet(release, kind, width):
    for lang in ("fi", "sv") if width == 8 else ("en",):
        bundle = draw(kind, release, lang=lang, width=width)
        fits(bundle, lang)
        assert bundle.release == release.id


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("name", RESULTS)
def test_words_of_a_result_fit_the_sheet(results, name, lang):
    function, result = results[name]
    fits(function(result, Policy.from_profile("open"), source=SOURCE, lang=lang, width=7.5), lang)


def test_practice_data_say_so(release):
    shown = draw("kitagawa", release, lang="fi").fig.texts
    assert any(one.get_text() == "HARJOITUSAINEISTO" for one in shown)


def test_kitagawa_is_computed_from_the_release(release):
    cells = release.select(indicator="example-loneliness", area="HVA10", dimension="age × education", period="2025")
    split = cells["group"].str.split(" × ", expand=True, regex=False)
    by_hand = decomposition.kitagawa(
        cells.assign(age=split[0], education=split[1]), between="education", groups=("low", "high"), by="age"
    )
    bundle = draw("kitagawa", release, areas="HVA10")
    np.testing.assert_allclose(bundle.table["estimate"], by_hand.parts["estimate"], rtol=1e-12)
    assert bundle.table["estimate"].iloc[:-1].sum() == pytest.approx(bundle.table["estimate"].iloc[-1], abs=1e-10)


def test_without_an_ordered_part_the_pair_is_the_worse_off_first(release):
    bundle = figures.kitagawa(release, indicator="example-loneliness", dimension="age × sex")
    assert bundle.table["estimate"].iloc[-1] > 0


def test_theil_is_between_and_within_counties(release):
    bundle = draw("theil", release)
    cells = release.select(indicator="example-loneliness", dimension="education", period="2025")
    cells = cells[cells["area"].str.startswith("HVA")]
    expected = decomposition.theil(cells, within="area").parts["estimate"]
    np.testing.assert_allclose(bundle.table["estimate"], expected, rtol=1e-12)


def test_concentration_adds_up_to_the_index(release):
    bundle = draw("concentration", release)
    cells = release.select(indicator="example-loneliness", area="SSS", dimension="education", period="2025")
    index = hyte.disparity(cells, "RCI", indicators=release.indicators)["estimate"].iloc[0]
    assert bundle.table["estimate"].iloc[-1] == pytest.approx(index, rel=1e-9)
    assert bundle.table["lower"].notna().all()


def test_maihda_says_that_strata_are_few(release):
    bundle = draw("maihda", release, lang="en")
    assert any("only 9 groups" in note for note in bundle.notes)
    assert len(bundle.table) == 9


def test_moran_shrinks_and_names_its_areas(release):
    bundle = draw("moran", release, lang="en")
    assert len(bundle.table) == 23
    assert any("drawn towards the common mean" in note for note in bundle.notes)
    assert "Kymenlaakso" in " ".join(bundle.readable["Area"])


def test_what_does_not_apply_is_said(release):
    with pytest.raises(MeasureError, match="no ordered part"):
        figures.concentration(release, indicator="example-loneliness", dimension="age × sex")
    with pytest.raises(HyteError, match="crossed dimension must be one of age × education, age × sex, education × sex"):
        figures.kitagawa(release, indicator="example-loneliness", dimension="education")
    with pytest.raises(HyteError, match="no rows of 'example-loneliness' by age × education for 'KU285'"):
        draw("kitagawa", release, areas="KU285")


def test_hidden_cells_are_refused_by_name(release):
    cells = release.cells
    at = (cells["dimension"] == "age × education") & (cells["group"] == "75+ × low")
    cells.loc[at, ["estimate", "se", "lower", "upper", "events"]] = np.nan
    cells.loc[at, "status"] = "suppressed"
    from dataclasses import replace

    frames = {"cells": cells, "indicators": release.indicators, "groups": release.groups, "areas": release.areas}
    hidden = replace(release, _frames=frames, _folder=None)
    with pytest.raises(MeasureError, match=r"has no rate \(missing or hidden\) in category '75\+'"):
        draw("kitagawa", hidden)


class TestPolicy:
    @pytest.mark.parametrize("name", RESULTS)
    def test_a_result_needs_a_policy_and_a_source(self, results, name):
        function, result = results[name]
        with pytest.raises(DisclosureError, match="takes a Policy"):
            function(result, None, source=SOURCE)
        with pytest.raises(HyteError, match="source= must say"):
            function(result, THL, source=" ")
        with pytest.raises(HyteError, match="this figure takes"):
            function("result", THL, source=SOURCE)

    def test_a_result_of_few_people_is_refused(self):
        with pytest.raises(DisclosureError, match=r"rests on .* respondents at most in every row"):
            figures.contributions(parted(50), Policy(minimum_respondents=60), source=SOURCE)

    def test_respondents_unknown_are_refused(self):
        cells = pd.DataFrame({"g": ["a", "a", "b", "b"], "k": ["x", "y"] * 2, "population": [5, 6, 7, 9],
                              "estimate": [1.0, 2, 3, 5]})  # fmt: skip
        result = decomposition.kitagawa(cells, between="g", by="k")
        with pytest.raises(DisclosureError, match="does not say how many people"):
            figures.contributions(result, THL, source=SOURCE)
        assert len(figures.contributions(result, Policy.from_profile("open"), source=SOURCE).table) == 3

    def test_small_strata_are_hidden_and_named(self, results):
        result = results["strata"][1]
        policy = Policy(minimum_respondents=36, minimum_count=5)
        bundle = figures.strata(result, policy, source=SOURCE, lang="en")
        small = result.frame["respondents"] < 36
        for count in (result.frame["events"], result.frame["respondents"] - result.frame["events"]):
            small |= count.between(1, 4)
        assert small.any()
        hidden = bundle.table["status"] == "suppressed"
        assert (hidden.to_numpy() == small.to_numpy()).all()
        numbers = bundle.table.loc[hidden, ["predicted", "lower", "estimate", "respondents", "events", "additive"]]
        assert numbers.isna().all(axis=None)
        assert "suppressed" in bundle.states
        assert any("suppressed" in note.lower() for note in bundle.notes)

    def test_of_parts_that_add_up_never_one_alone_is_hidden(self):
        result = parted()
        frame = result.frame.assign(respondents=[10.0, *[500.0] * (len(result.frame) - 1)])
        from dataclasses import replace

        bundle = figures.contributions(replace(result, frame=frame), THL, source=SOURCE)
        assert (bundle.table["status"] == "suppressed").sum() in (0, 2)
        assert bundle.table["estimate"].isna().sum() == 2

    def test_a_small_area_is_hidden(self, results):
        bundle = figures.scatter(results["scatter"][1], THL, source=SOURCE)
        row = bundle.table.set_index("area").loc["KU286"]
        assert row["status"] == "suppressed"
        assert np.isnan(row["value"])


@pytest.mark.parametrize("kind", ["kitagawa", "moran"])
def test_the_command_writes_them(release, kind, tmp_path):
    from typer.testing import CliRunner

    from hyteanalysis.cli import app

    out = tmp_path / "figure.svg"
    asked = ["figure", kind, "--release", str(places.committed("releases", "example")), "-o", str(out), "--lang", "sv"]
    asked += ["--indicator", "example-loneliness"]
    asked += ["--dimension", KINDS[kind]] if KINDS[kind] else []
    result = CliRunner().invoke(app, asked)
    assert result.exit_code == 0, result.output
    assert out.with_suffix(".alt.txt").read_text(encoding="utf-8").startswith(draw(kind, release, lang="sv").alt)
    assert out.with_suffix(".csv").is_file()
