"""No sentence of a finding says of chance what the interval beside it does not: random cells, practice release."""

import functools

import numpy as np
import pandas as pd
import pytest
from released import made

import hyteanalysis as hyte
from hyteanalysis import places, uncertainty
from hyteanalysis.findings import finding
from hyteanalysis.findings.lookup import gaps_of
from hyteanalysis.i18n import LANGS

CHANCE = {"fi": "johtua sattumasta", "sv": "bero på slumpen", "en": "be due to chance"}
SCALE = {"smoking": 100.0, "voting": 100.0, "hospital": 100_000.0, "sleep": 1.0}
PEOPLE = {"smoking": 60, "voting": 400, "hospital": 4_000, "sleep": 40}
CLEAR = {"worse", "reversed", "weaker", "better", "narrowed", "widened"}


def contradictions(found, langs=LANGS):
    """Sentences of a finding that its own interval belies."""
    told, said = [], {lang: found.parts(lang) for lang in langs}
    compared = {"gap": found.difference, "whole": found.against_whole, "change": found.change}
    for what, contrast in compared.items():
        if contrast is None:
            continue
        known = np.isfinite([contrast.lower, contrast.upper]).all()
        holds = known and contrast.lower <= 0 <= contrast.upper
        if (contrast.clear or contrast.verdict in CLEAR) and (holds or not known):
            told.append((what, "clear", contrast))
        for lang in langs:
            if CHANCE[lang] in said[lang].get(what, "") and not holds:
                told.append((what, lang, contrast))
    if found.difference is not None and (found.distinct is False or CHANCE["fi"] in said["fi"]["worst"]):
        gap = found.difference
        if gap.clear or not gap.lower <= 0 <= gap.upper:
            told.append(("worst", "fi", gap))
    if found.ratio is not None and found.ratio.clear and found.ratio.lower <= 1 <= found.ratio.upper:
        told.append(("ratio", "clear", found.ratio))
    return told


def settings(indicator, count, seed):
    """Random settings of one indicator, an area each: few or many groups, ordered or not, zeros, limits or errors only.

    One period, or two that lie five years apart; some groups lie together, some apart.
    """
    rng, scale = np.random.default_rng(seed), SCALE[indicator]
    mean, rate = indicator == "sleep", indicator == "hospital"
    rows = []
    for number in range(count):
        k, ordered, form = int(rng.integers(2, 9)), bool(rng.random() < 0.5), str(rng.choice(["se", "limits", "both"]))
        counted, size = bool(rng.random() < 0.8), int(PEOPLE[indicator] * rng.choice([0.3, 1, 4]))
        n = np.maximum(rng.poisson(size, k), 5) * (1 + (rng.random(k) < 0.1) * 20)
        level = rng.choice([0.01, 0.05, 0.5, 0.97]) if not rate else 0.002
        for period in ("2017", "2022")[int(rng.random() < 0.5) :]:
            shift = rng.normal(0, rng.choice([0.0, 0.3, 1.0]), k)
            p = 1 / (1 + np.exp(-(np.log(level / (1 - level)) + shift)))
            x = rng.binomial(n, p) if not rate else np.minimum(rng.poisson(n * p), n)
            y, error = x / n, np.sqrt(x / n * (1 - x / n) / n) if not rate else np.sqrt(x) / n
            if mean:
                y, error = 7 + shift / 4 + rng.normal(0, 1, k) / np.sqrt(n), rng.uniform(0.5, 1.5, k) / np.sqrt(n)
            lower, upper = (y - 1.96 * error, y + 1.96 * error) if mean else _limits(x, n, rate)
            lost = rng.random(k) < (0.15 if rng.random() < 0.1 else 0)
            rows.append(
                pd.DataFrame(
                    {
                        "indicator": indicator, "area": f"a{number}", "period": period,
                        "dimension": "order" if ordered else "kinds", "group": [f"g{j}" for j in range(k)],
                        "order": np.arange(1.0, k + 1) if ordered else np.nan, "estimate": y * scale,
                        "se": np.where((form == "limits") | lost, np.nan, error * scale),
                        "lower": np.where((form == "se") | lost, np.nan, lower * scale),
                        "upper": np.where((form == "se") | lost, np.nan, upper * scale),
                        "population": 10.0 * n, "events": x * 1.0 if counted and not mean else np.nan,
                        "respondents": n * 1.0, "status": "ok",
                    }
                )
            )  # fmt: skip
    return pd.concat(rows, ignore_index=True)


def _limits(x, n, rate):
    """Wilson's limits, of a rate Byar's."""
    if rate:
        low, high = uncertainty.byar(x)
        return low / n, high / n
    low, high = uncertainty.wilson(x, n)
    return np.minimum(low, x / n), np.maximum(high, x / n)


def released_of(indicator, count, seed):
    cells = settings(indicator, count, seed)
    names = [f"g{j}" for j in range(8)]
    groups = pd.DataFrame([{"dimension": by, "group": one} for by in ("order", "kinds") for one in names])
    for lang in LANGS:
        groups[f"label_{lang}"] = groups["group"]
    return made(cells, groups=groups), cells


def asked(release, settings):
    """The findings of some settings, one after another."""
    for one in settings.itertuples():
        yield finding(release, indicator=one.indicator, area=one.area, dimension=one.dimension, period=str(one.period))


KEYS = ["indicator", "area", "dimension", "period"]


def belied(release, cells):
    """Gaps that are called clear though equality is not rejected or the limits hold 0, or the other way round."""
    gaps = gaps_of(release, cells, ["D"])
    ordered = cells.groupby(KEYS)["order"].agg(lambda order: order.notna().all()).rename("ordered")
    gaps = gaps.merge(ordered.reset_index(), on=KEYS, validate="one_to_one")
    gaps = gaps[gaps["lower"].notna()]
    apart = (gaps["lower"] > 0) | (gaps["upper"] < 0)
    chance = gaps["p_equal"] >= 0.05
    assert apart.any()
    assert chance.any()
    return gaps[np.where(gaps["ordered"], gaps["clear"] != apart, chance & (apart | gaps["clear"]))]


@pytest.mark.parametrize("indicator", SCALE)
def test_no_sentence_about_random_cells_is_belied_by_the_interval_beside_it(indicator):
    release, cells = released_of(indicator, 300, seed=19)
    assert belied(release, release.select()).empty
    some = cells[KEYS].drop_duplicates().sample(150, random_state=1)
    verdicts = set()
    for found in asked(release, some):
        assert contradictions(found) == []
        verdicts.add(found.difference.verdict if found.difference else None)
    assert {"worse", "no_clear_difference"} <= verdicts


@functools.cache
def example():
    release = hyte.Release.open(places.committed("releases", "example"))
    cells = release.select()
    return release, cells[cells["dimension"] != "total"]


def test_every_gap_of_the_practice_release_is_clear_only_by_the_interval_beside_it():
    release, cells = example()
    assert len(cells[KEYS].drop_duplicates()) > 20_000
    assert belied(release, cells).empty


def test_cells_of_no_events_in_the_practice_release_are_not_told_by_chance_beside_a_clear_interval():
    release, cells = example()
    empty = cells.loc[cells["estimate"] == 0, KEYS].drop_duplicates()
    assert len(empty) > 40
    for found in asked(release, empty):
        assert contradictions(found) == []
    one = finding(release, indicator="example-hardship", area="KU935", dimension="language", period="2015")
    said = one.parts("fi")["gap"]
    assert "29,5 prosenttiyksikköä (16,8–40,5)" in said
    assert "sattumasta" not in said
    assert one.difference.verdict == "worse"
    assert one.distinct is True


@pytest.mark.slow
def test_no_sentence_of_the_whole_practice_release_is_belied_by_the_interval_beside_it():
    release, cells = example()
    for found in asked(release, cells[KEYS].drop_duplicates()):
        assert contradictions(found) == []


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("indicator", SCALE)
def test_no_sentence_about_thousands_of_random_cells_is_belied(indicator, seed):
    release, cells = released_of(indicator, 2_000, seed)
    for found in asked(release, cells[KEYS].drop_duplicates()):
        assert contradictions(found) == []
