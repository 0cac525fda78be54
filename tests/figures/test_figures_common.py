"""What must hold of every kind of figure that is declared, by its declaration."""

import re
from functools import cache
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_rgb
from released import INDICATORS, cell, education, total

import hyteanalysis as hyte
from hyteanalysis import figures, i18n, places
from hyteanalysis.cells import cross
from hyteanalysis.disclosure import Policy
from hyteanalysis.errors import LackError
from hyteanalysis.figures.kit import registry
from hyteanalysis.figures.kit.bundle import ALT_LIMIT
from hyteanalysis.figures.kit.sheet import FURNITURE
from hyteanalysis.i18n import LANGS

KINDS = figures.REGISTRY
MARKS = {"fi": "HARJOITUSAINEISTO", "sv": "ÖVNINGSMATERIAL", "en": "PRACTICE DATA"}
SEVEN = ("alone", "couple", "family", "parent", "student", "retired", "other")


@cache
def release():
    return hyte.Release.open(places.committed("releases", "example"))


@cache
def impact():
    action = next(iter(sorted(places.committed("actions").glob("*.yml"))))
    return hyte.impact(release(), hyte.Action.read(action), draws=200, seed=1)


@cache
def plan():
    return hyte.Plan.read(places.committed("plans", "example.yml"))


@cache
def people():
    rng, size = np.random.default_rng(1), 900
    data = pd.DataFrame({
        "level": rng.choice(["low", "high"], size), "place": rng.choice(["town", "village", "city"], size),
        "wave": rng.choice(list("abcd"), size),
    })  # fmt: skip
    chance = 0.2 + 0.1 * (data["level"] == "low") + 0.1 * (data["place"] == "village")
    return data.assign(lonely=(rng.random(size) < chance).astype(float), age=rng.normal(50, 10, size))


def decomposed():
    return hyte.decompose(people(), outcome="lonely", between="level", groups=("low", "high"), factors=["age", "place"])


def clustered():
    near = hyte.spatial.neighbours(["KU285", "KU286", "KU935", "KU142", "KU405", "KU153", "KU580"], k=2)
    towns = pd.DataFrame({"area": near.areas, "y": np.arange(7.0), "respondents": 500})
    return hyte.spatial.moran(towns, near, value="y", permutations=199, seed=1)


# what a kind of a fitted result takes: a new one of `of="result"` is named here
RESULTS = {
    "contributions": decomposed,
    "strata": lambda: hyte.maihda(people(), outcome="lonely", strata=["level", "place", "wave"]),
    "scatter": clustered,
}


def options(kind):
    """What the declaration asks for, of the example release."""
    needs = KINDS[kind].needs
    dimension = cross(["age", "education"]) if "crossed" in needs else "sex" if "ages" in needs else "education"
    asked = {"dimension": dimension, "areas": "HVA08", "budget": 500_000, "plan": plan(), "source": "Testi"}
    if "indicators" not in needs:
        asked["indicator"] = "example-loneliness"
    return KINDS[kind].only({**asked, "policy": Policy.from_profile("open")})


@cache
def subject(kind):
    of = KINDS[kind].of
    return RESULTS[kind]() if of == "result" else impact() if of == "impact" else release()


@cache
def drawn(kind, lang="fi", width=16.0):
    return KINDS[kind].draw(subject(kind), lang=lang, width=width, **options(kind))


def words(bundle):
    """Every line of text on the figure."""
    fig = bundle.fig
    own = [*fig.texts, *(text for axes in fig.axes for text in axes.texts)]
    labels = [label for axes in fig.axes for label in (axes.xaxis.label, axes.yaxis.label, *axes.get_xticklabels())]
    return [text.get_text() for text in (*own, *labels) if text.get_text()]


def joined(bundle):
    """All words of the figure as one text, lines broken in the middle of a word put together."""
    return " ".join(words(bundle)).replace("- ", "-")


def squeezed(said):
    return "".join(said.lower().replace("-", "").split())


def grey(color):
    """How light a colour prints."""
    return float(np.array(to_rgb(color)) @ [0.2126, 0.7152, 0.0722])


every = pytest.mark.parametrize("kind", KINDS)
languages = pytest.mark.parametrize("lang", LANGS)


@every
def test_a_kind_bears_its_functions_name_and_is_public(kind):
    assert getattr(figures, kind) is KINDS[kind].draw
    assert kind in figures.__all__
    assert KINDS[kind].question.endswith("?")
    assert KINDS[kind].needs <= set(registry.NEEDS)


def test_a_kind_is_declared_once():
    with pytest.raises(ValueError, match="trend is declared twice"):
        registry.figure("trend", of="release")(figures.trend)


@languages
@every
def test_it_comes_with_its_words_table_and_source_in_each_language(kind, lang):
    bundle = drawn(kind, lang)
    assert bundle.lang == lang
    assert 20 < len(bundle.alt) <= ALT_LIMIT
    assert bundle.alt.endswith(i18n.text("figure.alt.end", lang))
    for part in (bundle.title, bundle.subtitle, bundle.source):
        assert part.strip()
    assert bundle.source.startswith({"fi": "Lähde", "sv": "Källa", "en": "Source"}[lang])
    assert len(bundle.long_text.split("\n\n")) == 3
    assert len(bundle.table)
    assert len(bundle.readable)
    table = bundle.html_table()
    assert table.count("<tr>") == len(bundle.readable) + 1
    assert set(bundle.number_format) <= set(bundle.readable)
    assert bundle.plotted, "numbers are drawn, so that the table can be held against them"


@every
def test_its_words_differ_between_languages(kind):
    told = [drawn(kind, lang) for lang in LANGS]
    for field in ("alt", "subtitle", "long_text"):
        assert len({getattr(one, field) for one in told}) == len(LANGS), field
    assert len({tuple(one.readable) for one in told}) == len(LANGS)


@languages
@every
def test_practice_data_are_marked_on_the_figure_itself(kind, lang):
    bundle = drawn(kind, lang)
    marks = [text for text in bundle.fig.texts if text.get_text() == MARKS[lang]]
    assert len(marks) == (KINDS[kind].of != "result")  # a researcher's own result says whose data it rests on
    assert all(mark.get_gid() != "furniture" for mark in marks), "it stays where titles are left out"


@pytest.mark.parametrize("kind", [name for name, one in KINDS.items() if one.of in ("release", "plan")])
def test_only_a_release_is_drawn(kind):
    with pytest.raises(hyte.errors.DisclosureError, match="only a Release, not a DataFrame"):
        KINDS[kind].draw(release().cells, **options(kind))


@every
def test_it_reads_in_grey(kind):
    """Of each pair of colours that fill marks or bars, what prints alike differs in its shape, hatching or place."""
    bundle = drawn(kind)
    for axes in bundle.fig.axes:
        marked, bars = {}, set()
        for line in axes.lines:
            if line.get_marker() not in ("None", "", None, "|", ".") and line.get_linestyle() == "None":
                marked.setdefault(to_rgb(line.get_markerfacecolor()), set()).add(line.get_marker())
        for (first, shapes), (second, others) in combinations(marked.items(), 2):
            assert abs(grey(first) - grey(second)) > 0.05 or not shapes & others, (first, second, shapes)
        for patch in axes.patches:
            if patch.get_fill():
                bars.add((patch.get_facecolor()[:3], patch.get_hatch()))
        for (first, hatch), (second, other) in combinations(bars, 2):
            assert hatch != other or abs(grey(first) - grey(second)) > 0.03, (first, second)


@cache
def of_seven():
    """A release of three unordered and ordered groupings, seven groups at most, at the same size as the example's."""
    rows = []
    for year in ("2021", "2022"):
        rows += education("smoking", "HVA08", year, (24.0, 16.0, 8.0), n=3000)
        rows += [
            cell("smoking", "HVA08", year, "situation", group, 10.0 + 3 * i, n=3000) for i, group in enumerate(SEVEN)
        ]
        rows.append(total("smoking", "HVA08", year, 16.0, n=9000, population=400_000))
    rows += [
        cell("smoking", "HVA08", "2022", "age × situation", f"{age} × {group}", 15.0, n=900)
        for age in ("20-54", "55-74", "75+") for group in SEVEN
    ]  # fmt: skip
    cells = pd.DataFrame(rows).astype({"order": "Int64"})
    return hyte.release(cells, INDICATORS[:1], policy=Policy.from_profile("open"), synthetic=True)


OF_GROUPS = [
    name for name, one in KINDS.items()
    if one.of == "release" and not one.explains and not one.needs & {"areas", "one area", "order"}
]  # fmt: skip


@languages
@pytest.mark.parametrize("width", [7.5, 16.0])
@pytest.mark.parametrize("kind", OF_GROUPS)
def test_every_group_of_seven_is_drawn_under_its_name(kind, lang, width):
    asked = KINDS[kind].only({"indicator": "smoking", "dimension": "situation", "areas": "HVA08"})
    bundle = KINDS[kind].draw(of_seven(), lang=lang, width=width, **asked)
    shown = squeezed(joined(bundle))
    groups = {part for group in bundle.table["group"] for part in group.split(" × ")} & set(SEVEN)
    assert groups == set(SEVEN)
    for group in SEVEN:
        assert squeezed(group) in shown, group


def of_many(count, *, ordered):
    """A release of one grouping with many groups, two periods, one cell hidden where there are enough."""
    rows = []
    for at in range(count):
        order = at + 1 if ordered else None
        level = 10.0 + (at * 37 % count if not ordered else at) * 70 / max(count - 1, 1)
        for year, more in (("2017", 5.0), ("2022", 0.0)):
            hidden = at == count // 2 and count > 4 and year == "2017"
            rows.append(
                cell("smoking", "HVA08", year, "branch", f"group{at:02}", level + more, order=order,
                     status="suppressed" if hidden else "ok")
            )  # fmt: skip
    cells = pd.DataFrame(rows).astype({"order": "Int64"})
    return hyte.release(cells, INDICATORS[:1], policy=Policy.from_profile("open"), synthetic=True)


NAME = re.compile(r"group\d\d")
COUNTS = (1, 2, 3, 7, 8, 13, 40, 41, 60)


@pytest.mark.parametrize("ordered", [True, False])
@pytest.mark.parametrize("count", COUNTS)
def test_every_group_that_words_name_is_drawn_and_the_rest_are_counted_in_the_picture(count, ordered):
    """For 1 to 60 groups: title, text alternative and notes name no group that the picture does not."""
    data = of_many(count, ordered=ordered)
    for kind in ("equiplot", "trend", "forest", "matrix", *(["curve"] if ordered else [])):
        for width in (16.0, 7.5):
            asked = KINDS[kind].only({"indicator": "smoking", "dimension": "branch", "areas": "HVA08", "lang": "en"})
            if count == 1 and kind in ("forest", "curve"):
                with pytest.raises(LackError):
                    KINDS[kind].draw(data, width=width, **asked)
                continue
            bundle = KINDS[kind].draw(data, width=width, **asked)
            body = [text for text in bundle.fig.texts if text.get_gid() != FURNITURE]
            body += [text for axes in bundle.fig.axes for text in axes.texts]
            said = " ".join(text.get_text() for text in body).replace("- ", "").replace("\n", " ")
            shown = set(NAME.findall(said))
            named = set(NAME.findall(" ".join([bundle.title, bundle.subtitle, bundle.alt, *bundle.notes])))
            assert named <= shown, (kind, width, named - shown)
            rest = re.search(r"(\d+) other groups?", said)
            unnamed = kind == "curve" and count <= 7  # the last point of a curve is everyone, and bears no group's name
            assert len(shown) + (int(rest[1]) if rest else 0) == count - unnamed, (kind, width, shown)
            levels = bundle.table[bundle.table["measure"].eq("level")] if "measure" in bundle.table else bundle.table
            assert set(levels["group"]) >= {f"group{at:02}" for at in range(count)}


# of areas few have room for a name, and a county's rows are pairs: both have tests of their own
NAMED = [name for name, one in KINDS.items() if not one.needs & {"areas", "one area"} and name != "scatter"]
HEADINGS = ("table.group", *(f"figure.column.{name}" for name in ("group", "option", "input", "part")))


@languages
@pytest.mark.parametrize("kind", NAMED)
def test_what_the_table_names_is_named_on_the_figure(kind, lang):
    bundle = drawn(kind, lang)
    heading = next(one for key in HEADINGS if (one := i18n.text(key, lang)) in bundle.readable)
    levels = bundle.table["measure"].eq("level").to_numpy() if "measure" in bundle.table else slice(None)
    named = list(bundle.readable.loc[levels, heading].unique())
    if kind == "curve":  # its last point is everyone, and bears no group's name
        named = named[:-1]
    if kind == "tornado":
        named = named[:10]
    shown = squeezed(joined(bundle))
    for name in named:
        assert all(squeezed(part) in shown for part in name.split(", ")), name


@languages
def test_the_pair_of_each_difference_of_a_county_is_named(lang):
    bundle = drawn("county", lang)
    shown = squeezed(joined(bundle))
    levels = bundle.table[bundle.table["measure"] == "level"]
    labels = bundle.readable.loc[levels.index, i18n.text("table.group", lang)]
    assert all(squeezed(label) in shown for label in labels)


@pytest.mark.parametrize("kind", [name for name, one in KINDS.items() if one.of == "impact"])
def test_an_estimate_is_said_to_be_one(kind):
    assert drawn(kind).states == ("estimate",)
    assert i18n.text("figure.long.estimate", "fi") in drawn(kind).long_text


def test_the_reference_page_is_as_declared():
    said = 'python -c "from hyteanalysis.figures.kit import registry; registry.write()"'
    assert registry.DOCUMENT.read_text(encoding="utf-8") == registry.reference_page(), f"run {said}"
