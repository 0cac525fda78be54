"""What a page says of a release, read back and compared with the measures and with plain pandas.

The reader takes the sentences' forms from the texts' files; it asks the findings for nothing.
"""

import re
from functools import cache

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reading.reader import Said, number, read
from reading.recipes import REAL
from reading.worlds import OPEN, WORLDS
from scipy.stats import chi2

import hyteanalysis as hyte
from hyteanalysis.apps.kit.library import Library
from hyteanalysis.apps.where import views
from hyteanalysis.apps.where.choice import Selection
from hyteanalysis.cells import CROSS, TOTAL
from hyteanalysis.figures.kit.sheet import FURNITURE
from hyteanalysis.findings.lookup import names_of

PARTS = ("worst", "gap", "change")
STEMS = ("finding.worst.", "finding.gap.", "finding.change.", "finding.people.", "finding.whole.")


class World:
    """One indicator, area and grouping of a release, by plain pandas."""

    def __init__(self, library, selection, lang):
        self.library, self.selection, self.lang = library, selection, lang
        release = library.release(selection.release)
        self.meta = release.indicators[release.indicators["indicator"] == selection.indicator]
        self.names = names_of(release)
        row = self.meta.iloc[0]
        self.favourable, self.kind = bool(row["favourable"]), row["kind"]
        self.factor = 100 / row["scale"] if row["kind"] == "proportion" else 1.0
        cells = release.cells
        here = (cells["indicator"] == selection.indicator) & (cells["area"] == selection.area)
        self.cells = cells[here & (cells["dimension"] == selection.dimension)]

    def levels(self, period):
        """Levels that are shown, by group, in the order of the groups."""
        rows = self.cells[(self.cells["period"] == period) & self.cells["estimate"].notna()]
        rows = rows[rows["status"].isin(["ok", "uncertain"])]
        if self.ordered:
            rows = rows.sort_values("order")
        return rows.set_index("group")["estimate"]

    @property
    def ordered(self):
        return "order" in self.cells and bool(self.cells["order"].notna().all())

    @property
    def period(self):
        return self.selection.period

    def label(self, group):
        return self.names.group(self.selection.dimension, group, self.lang)

    def group(self, label):
        """The id behind a label."""
        return {self.label(one): one for one in self.cells["group"]}[label]

    def bad(self, levels):
        return -levels if self.favourable else levels

    def measured(self, period):
        """D of the measures, and whether the extremes are apart."""
        rows = self.cells[self.cells["period"] == period].drop(columns="reference", errors="ignore")
        return hyte.disparity(rows, ["D"], indicators=self.meta).iloc[0]


def check_worst(world, said):
    """The group named as the weakest is; and of what is called the highest or lowest figure it is the figure."""
    levels = world.levels(world.period)
    if said.key == "finding.worst.too_few":
        assert len(levels) < 2
    elif said.key == "finding.worst.same":
        assert levels.nunique() == 1
    elif "group" in said.values:
        groups = [world.group(label) for label in said.values["group"].split("; ")]
        extreme = {"highest": levels.max(), "lowest": levels.min()}
        expected = extreme.get(said.key.rpartition(".")[2])
        if expected is None:
            expected = levels[world.bad(levels).idxmax()]
        assert (levels[groups] == expected).all(), (said, levels)
        assert number(said.values["level"], world.lang).is_about(expected * world.factor)
    elif said.key == "finding.worst.tied":
        assert {world.group(label) for label in said.values["groups"].split("; ")} < set(levels.index)


def check_gap(world, said):
    """The pair, the size and the direction of the gap are those of the levels and of ``disparity``."""
    if "difference" not in said.values:
        return
    levels, bad = world.levels(world.period), world.bad(world.levels(world.period))
    first, second = (world.group(said.values[name]) for name in ("first", "second"))
    pair = bad[first] - bad[second]
    if world.ordered:
        assert [first, second] == [levels.index[0], levels.index[-1]]
    else:
        assert (bad[first], bad[second]) == (bad.max(), bad.min())
    told = number(said.values["difference"], world.lang)
    assert told.is_about(pair * world.factor) or told.is_about(-pair * world.factor), (said, pair)
    row, verdict = world.measured(world.period), said.key.rpartition(".")[2]
    assert np.isclose(abs(row["estimate"]), abs(pair))
    if verdict == "worse":
        assert pair > 0
    if verdict == "reversed":
        assert world.ordered
        assert pair < 0
    if world.ordered and verdict in ("worse", "reversed"):
        assert not row["lower"] <= 0 <= row["upper"]
    if not world.ordered and verdict == "worse":
        assert equal(world) < 0.2, "a gap is called clear though the groups may well be equal"


def equal(world):
    """That all groups are equal, by their errors: chi-square of Cochran's Q."""
    rows = world.cells[(world.cells["period"] == world.period) & world.cells["estimate"].notna()]
    if "se" in rows and rows["se"].notna().all():
        se = rows["se"]
    elif {"lower", "upper"} <= set(rows):
        se = (rows["upper"] - rows["lower"]) / 3.92
    else:
        return 0.0
    if not (se > 0).all():
        return 0.0
    weight = 1 / se**2
    mean = (weight * rows["estimate"]).sum() / weight.sum()
    return float(chi2.sf((weight * (rows["estimate"] - mean) ** 2).sum(), len(rows) - 1))


def check_change(world, said, pair):
    """The change is of the same two groups between the periods named, and goes where it is said to go."""
    if "span" not in said.values:
        return
    start, end = re.split(r"\s→\s|–", said.values["span"], maxsplit=1)
    start, end = (one for one in (start, end) if one in set(world.cells["period"]))
    assert end == world.period
    before, now = world.bad(world.levels(start)), world.bad(world.levels(end))
    gap = [levels[pair[0]] - levels[pair[1]] for levels in (before, now)]
    told, moved = number(said.values["change"], world.lang), (gap[1] - gap[0]) * world.factor
    assert told.is_about(moved) or told.is_about(-moved), (said, gap)
    verdict = said.key.rpartition(".")[2]
    if verdict == "narrowed":
        assert abs(gap[1]) < abs(gap[0])
    if verdict == "widened":
        assert abs(gap[1]) > abs(gap[0])
    if verdict == "reversed":
        assert gap[0] * gap[1] < 0
        weaker = [pair[0] if one > 0 else pair[1] for one in gap]
        assert [world.group(said.values[name]) for name in ("before", "now")] == weaker
    if world.ordered:
        rows = world.cells[world.cells["period"].isin([start, end]) & world.cells["group"].isin(pair)]
        rows = rows.drop(columns="reference", errors="ignore")
        row = hyte.disparity_change(rows, "D", start, end, indicators=world.meta).iloc[0]
        assert np.isclose(abs(row["change"]), abs(moved / world.factor)), (said, gap)
        told_by_it = {"narrowed", "widened", "reversed"} & {str(row["verdict"])}
        if verdict in ("narrowed", "widened", "reversed"):
            assert told_by_it == {verdict}, (verdict, row["verdict"])


def check_picture(world, bundle, verdict):
    """Names in title and alternative text are in the picture, and its extremes and verdict are the sentences'."""
    body = [one for one in bundle.fig.texts if one.get_gid() != FURNITURE]
    body += [one for axes in bundle.fig.axes for one in axes.texts]
    drawn = squeezed(" ".join(one.get_text() for one in body))
    words = " ".join([bundle.title, bundle.alt, *bundle.notes])
    for group in set(world.cells["group"]):
        label = world.label(group)
        if re.search(rf"(?<![\w-]){re.escape(label)}(?![\w-])", words):
            assert squeezed(label) in drawn, (label, words)
    for said in read(bundle.alt, world.lang, "figure.alt.extremes", "figure.alt.trend_extremes"):
        levels = world.levels(world.period)
        for name, level, extreme in (("highest", "high", levels.max()), ("lowest", "low", levels.min())):
            whole = (
                f"{said.values[name]} {said.values[level]}"  # where a label ends and its number begins is not marked
            )
            labels = [world.label(group) for group in levels.index[levels == extreme]]
            if "…" in whole:  # shortened
                rest = whole.rpartition("…")[2]
                assert any(label.startswith(whole.partition("…")[0]) for label in labels), (whole, labels)
            else:
                rest = next(whole.removeprefix(label) for label in labels if whole.startswith(f"{label} "))
            assert number(rest, world.lang).is_about(extreme * world.factor), (whole, extreme)
    for said in read(bundle.alt, world.lang, "figure.verdict."):
        assert verdict in (None, said.key.rpartition(".")[2])


def squeezed(said):
    return "".join(said.lower().replace("-", "").split())


def check(library, selection, lang):
    """All that is said of one selection; gives the keys of the sentences that were read."""
    world = World(library, selection, lang)
    answer = views.compute("answer", selection, library, lang)
    if not selection.dimension or answer.shown_area != selection.area:  # no groups, or another area's
        return set()
    told = [one for sentence in answer.sentences for one in read(sentence, lang, *STEMS)]
    assert told, answer.sentences
    pair, verdict = None, None
    for said in told:
        if said.key.startswith("finding.worst."):
            check_worst(world, said)
        if said.key.startswith("finding.gap."):
            check_gap(world, said)
            if "difference" in said.values:
                pair = [world.group(said.values[name]) for name in ("first", "second")]
                verdict = said.key.rpartition(".")[2]
    for said in told:
        if said.key.startswith("finding.change.") and pair is not None:
            check_change(world, said, pair)
    for part in ("gap", "trend"):
        view = views.compute(part, selection, library, lang, answer.finding)
        assert view.figure is not None or all(view.sentences), part
        if view.figure is not None:
            check_picture(world, view.figure, verdict if part == "gap" else None)
    return {said.key for said in told}


@pytest.mark.parametrize("name", [*WORLDS, *REAL])
def test_what_is_said_of_releases_as_people_have_them_is_what_was_computed(name, opened):
    library = opened(name)
    release = library.release(library.ids[0])
    cells = release.cells
    settings_ = cells.loc[cells["dimension"] != TOTAL, ["indicator", "dimension"]].drop_duplicates()
    for indicator, dimension in settings_.itertuples(index=False):
        if CROSS in dimension:
            continue
        here = cells[(cells["indicator"] == indicator) & (cells["dimension"] == dimension)]
        for area in here["area"].unique()[:2]:
            asked = Selection(area=area, indicator=indicator, dimension=dimension, compare=())
            for lang in ("fi", "en"):
                check(library, asked.settled(library)[0], lang)


class _Open(Library):
    """One release that lies in no folder."""

    def __init__(self, release):
        super().__init__([])
        self._open, self._folders = {release.id: release}, {release.id: "made"}


@st.composite
def releases(draw):
    """1–60 groups, ordered or not, 1–12 periods; gaps cross, levels tie, some are 0, some cells are hidden."""
    count = draw(st.one_of(st.integers(1, 8), st.integers(9, 60)))
    ordered, favourable = draw(st.booleans()), draw(st.booleans())
    periods = [str(2024 - back) for back in range(draw(st.integers(1, 12)))]
    people = draw(st.sampled_from([60, 400, 5000]))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    shape = draw(st.sampled_from(["any", "ties", "zeros", "crossing", "equal"]))
    rows = []
    for back, period in enumerate(periods):
        share = {
            "any": rng.uniform(0.02, 0.9, count),
            "ties": rng.choice([0.1, 0.2, 0.4], count),
            "zeros": rng.choice([0.0, 0.15], count),
            "crossing": np.linspace(0.1, 0.5, count)[:: 1 if back < 3 else -1],
            "equal": np.full(count, 0.25),
        }[shape]
        events = np.round(share * people)
        hidden = rng.random(count) < draw(st.sampled_from([0.0, 0.0, 0.15]))
        for at in range(count):
            lower, upper = (100 * float(end) for end in hyte.uncertainty.wilson(events[at], people))
            estimate = 100 * events[at] / people
            rows.append(
                {
                    "indicator": "made", "area": "land", "period": period, "dimension": "branch",
                    "group": f"g{at:02}", "order": at + 1 if ordered else None,
                    "estimate": np.nan if hidden[at] else estimate,
                    "lower": np.nan if hidden[at] else min(lower, estimate),
                    "upper": np.nan if hidden[at] else max(upper, estimate),
                    "events": np.nan if hidden[at] else events[at], "population": float(people * 20),
                    "respondents": float(people), "status": "suppressed" if hidden[at] else "ok",
                }
            )  # fmt: skip
    about = pd.DataFrame(
        {"indicator": ["made"], "title_fi": ["Osuus"], "title_en": ["Share"], "unit": ["%"], "kind": ["proportion"],
         "scale": [100], "favourable": [favourable], "source": "Own"}
    )  # fmt: skip
    return hyte.release(pd.DataFrame(rows).astype({"order": "Int64"}), about, policy=OPEN)


@settings(max_examples=30)
@given(releases(), st.sampled_from(["fi", "en"]))
def test_what_is_said_of_any_release_is_what_was_computed(release, lang):
    library = _Open(release)
    check(library, Selection(area="land", indicator="made", compare=()).settled(library)[0], lang)


@cache
def plain():
    rows = [("2019", "g00", 1, 30.0), ("2019", "g01", 2, 10.0), ("2024", "g00", 1, 20.0), ("2024", "g01", 2, 12.0)]
    cells = pd.DataFrame(rows, columns=["period", "group", "order", "estimate"]).astype({"order": "Int64"})
    cells = cells.assign(indicator="made", area="land", dimension="branch", se=0.8)
    about = pd.DataFrame(
        {"indicator": ["made"], "title_en": ["Share"], "unit": ["%"], "kind": ["proportion"], "scale": [100],
         "favourable": [False], "source": "Own"}
    )  # fmt: skip
    return _Open(hyte.release(cells, about, policy=OPEN))


@pytest.mark.parametrize("lang", ["fi", "en"])
def test_the_reader_reads_what_it_should(lang):
    selection, _ = Selection(area="land", indicator="made", compare=()).settled(plain())
    keys = check(plain(), selection, lang)
    assert {"finding.worst.clear", "finding.gap.worse", "finding.change.narrowed"} <= keys


@pytest.mark.parametrize(
    ("key", "values"),
    [
        ("finding.worst.clear", {"group": "g01", "level": "12.0 %"}),
        ("finding.worst.clear", {"group": "g00", "level": "21.0 %"}),
        ("finding.gap.worse", {"first": "g01", "second": "g00", "difference": "8.0", "interval": ""}),
        ("finding.gap.worse", {"first": "g00", "second": "g01", "difference": "9.0", "interval": ""}),
        ("finding.gap.reversed", {"first": "g00", "second": "g01", "difference": "8.0", "interval": ""}),
        ("finding.change.widened", {"span": "2019–2024", "change": "−12.0", "interval": ""}),
        ("finding.change.narrowed", {"span": "2019–2024", "change": "−2.0", "interval": ""}),
    ],
)
def test_the_reader_fails_on_what_is_false(key, values):
    selection, _ = Selection(area="land", indicator="made", compare=()).settled(plain())
    world, pair = World(plain(), selection, "en"), ["g00", "g01"]
    checks = {"worst": check_worst, "gap": check_gap, "change": lambda *both: check_change(*both, pair)}
    with pytest.raises(AssertionError):
        checks[key.split(".")[1]](world, Said(key, values))
