"""How many people it concerns and how the area stands against the whole: read back, compared with plain pandas."""

import itertools
import re

import numpy as np
import pytest
from reading.reader import number, read
from reading.recipes import REAL
from reading.test_sentences import World
from reading.worlds import COMMITTED, WORLDS

import hyteanalysis as hyte
from hyteanalysis.apps.where import views
from hyteanalysis.apps.where.choice import Selection
from hyteanalysis.cells import CROSS, TOTAL

PEOPLE = {"%"}  # units of a share that count people


def told_of(library, asked, lang):
    """The world of a selection and the sentences on people and on the whole that its answer says."""
    selection, _ = asked.settled(library)
    answer = views.compute("answer", selection, library, lang)
    said = [one for sentence in answer.sentences for one in read(sentence, lang, "finding.people.", "finding.whole.")]
    return World(library, selection, lang), answer, said


def limits(said, lang):
    """Both limits in brackets, where there are any."""
    inside = re.search(r"\(([^()]*)\)", said)
    return [number(end, lang) for end in re.split(r"(?<=\d)[\s\xa0]?–[\s\xa0]?", inside[1])] if inside else []


def is_about(told, true):
    """A number of people is said to two figures at least."""
    return abs(told.value - true) <= max(0.5, 0.051 * abs(true)) + 1e-9


def check_people(world, said):
    """How many now, by the levels and people of the groups; how many fewer, by LEVELUP; and of what."""
    row = world.meta.iloc[0]
    cells = world.cells[world.cells["period"] == world.period]
    kind, what = said.key.removeprefix("finding.people.").split("_") if "_" in said.key else ("", "partial")
    if what == "partial":
        assert cells["status"].isin(["suppressed", "missing"]).any()
        return
    assert kind == ("people" if row["kind"] == "proportion" and row["unit"] in PEOPLE else "cases"), (said, row["unit"])
    told, ends = number(said.values["number"], world.lang), limits(said.values["interval"], world.lang)
    if what in ("now", "lacking"):
        assert (what == "lacking") == world.favourable
        level = cells["estimate"] if what == "now" else row["scale"] - cells["estimate"]
        assert is_about(told, (cells["population"] * level / row["scale"]).sum()), said
    else:
        assert (what == "more") == world.favourable
        levels = world.levels(world.period)
        assert world.bad(levels)[world.group(said.values["group"])] == world.bad(levels).min()
        cells = cells.drop(columns=["order", "reference"], errors="ignore")
        lifted = hyte.disparity(cells, ["LEVELUP"], indicators=world.meta).iloc[0]
        gap = (world.bad(cells["estimate"]) - world.bad(levels).min()) * cells["population"] / row["scale"]
        assert told.value <= 1.06 * gap.sum(), "noise adds to it, and is taken away"
        for end, name in zip(ends, ("lower", "upper"), strict=True):
            assert abs(end.value - lifted[name]) <= 0.06 * lifted["upper"], (said, lifted)
    if ends:
        assert ends[0].value <= told.value <= ends[1].value
    else:  # without errors there are no limits
        assert not {"se", "lower"} & set(cells.dropna(axis=1, how="all")), said


def check_whole(world, said, library):
    """Levels and difference of two totals, and the verdict by the errors, the area being part of the whole."""
    release = library.release(world.selection.release)
    totals = release.select(indicator=world.selection.indicator, dimension=TOTAL, period=world.period)
    by_name = {world.names.area(area, world.lang): area for area in totals["area"]}
    rows = totals.set_index("area")
    here = rows.loc[by_name[said.values["area"].strip()]]
    whole = rows.loc["SSS" if ".country." in said.key else by_name[said.values["whole"]]]
    factor, lang = world.factor, world.lang
    assert number(said.values["level"], lang).is_about(here["estimate"] * factor)
    assert number(said.values["whole_level"], lang).is_about(whole["estimate"] * factor)
    gap = here["estimate"] - whole["estimate"]
    assert number(said.values["difference"], lang).is_about(gap * factor), said
    verdict = said.key.rpartition(".")[2]
    errors = [(one["upper"] - one["lower"]) / 3.92 if "upper" in one else np.nan for one in (here, whole)]
    if verdict == "unknown":
        assert not np.isfinite(errors).all()
        return
    share = here.get("population", np.nan) / whole.get("population", np.nan)
    share = share if np.isfinite(share) else 0.0
    error = np.sqrt(errors[0] ** 2 + errors[1] ** 2 - 2 * share * errors[0] ** 2)
    z = gap / error * (-1 if world.favourable else 1)
    expected = {"weaker": z > 1.9, "better": z < -1.9, "no_clear_difference": abs(z) < 2.02}
    assert expected[verdict], (said, z)


@pytest.mark.parametrize("name", [*WORLDS, *REAL, *COMMITTED])
def test_people_and_the_whole_are_what_the_cells_say(name, opened):
    library, languages = opened(name), itertools.cycle(["fi", "en", "en", "fi"])
    cells = library.release(library.ids[0]).cells
    there = cells.loc[(cells["dimension"] != TOTAL) & ~cells["dimension"].str.contains(CROSS), :]
    settings = there[["indicator", "dimension"]].drop_duplicates()
    for indicator, dimension in settings.iloc[:: max(len(settings) // 12, 1)].itertuples(index=False):
        here = there[(there["indicator"] == indicator) & (there["dimension"] == dimension)]
        for area in here["area"].unique()[-2:]:
            asked = Selection(area=area, indicator=indicator, dimension=dimension, compare=())
            world, answer, said = told_of(library, asked, next(languages))
            if answer.shown_area != area:
                continue
            for one in said:
                if one.key.startswith("finding.people."):
                    check_people(world, one)
                else:
                    check_whole(world, one, library)


def test_the_reader_reads_people_and_the_whole_in_the_example(opened):
    keys = {
        one.key.rpartition(".")[2]
        for area in ("HVA10", "HVA05", "HVA02")
        for indicator in ("example-hardship", "example-exercise", "example-injuries")
        for one in told_of(opened("example"), Selection(area=area, indicator=indicator, dimension="education"), "en")[2]
    }
    assert {"people_now", "people_fewer", "people_lacking", "people_more", "cases_now", "cases_fewer"} <= keys
    assert {"weaker", "better"} <= keys


@pytest.mark.parametrize(("name", "indicator"), [("ess", "bad")])
def test_weights_that_only_share_out_a_sample_are_no_people(name, indicator, opened):
    library = opened(name)
    for dimension in ("sex", "region"):
        asked = Selection(area="NO", indicator=indicator, dimension=dimension, compare=())
        world, answer, said = told_of(library, asked, "en")
        assert (world.cells["population"] < world.cells["respondents"]).any()
        assert not [one for one in said if one.key.startswith("finding.people.")]
        quality = views.compute("quality", world.selection, library, "en", answer.finding)
        assert "in the population" not in quality
        assert "respondents" in quality
