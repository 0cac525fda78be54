"""One page on inequality in a county: where groups differ most, how many people it concerns, whether it changes."""

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from hyteanalysis.disclosure import Release, only_release
from hyteanalysis.errors import HyteError
from hyteanalysis.figures import style, words
from hyteanalysis.figures.bundle import FigureBundle
from hyteanalysis.figures.county_sheet import Sheet, pair, turned
from hyteanalysis.figures.leading import Topic, topics
from hyteanalysis.findings import Finding
from hyteanalysis.findings.sentences import about
from hyteanalysis.i18n import spoken, text, when

MOST = 6  # differences on the page


@spoken
def county(
    release: Release,
    *,
    areas: str | Sequence[str] | None = None,
    dimension: str | None = None,
    period: str | None = None,
    lang: str = "fi",
    most: int = MOST,
    width: float = 21.0,
) -> FigureBundle:
    """In which things do population groups of this county differ most?

    Parameters
    ----------
    release : Release
    areas : str
        One area, such as a wellbeing services county. Need not be named where the release has one only.
    dimension : str, optional
        One grouping; by default each indicator's grouping with the largest clear difference (age left out).
    period : str, optional
        The newest of each indicator by default.
    lang : {"fi", "sv", "en"}
    most : int
        Differences shown, at most.
    width : float
        cm; 21 for an A4 page of its own, 16 within a report.

    Returns
    -------
    FigureBundle
        An A4 page. Proportions and rates whose difference stays clear among all looked at (Benjamini–Hochberg, 5 %),
        the largest ratio first; scores and means have no ratio and stand in the report instead. The table holds both
        groups' cells, the difference ``D``, the ratio ``R`` and ``people``: how many fewer (more) it would concern if
        every group had the best group's level.

    Raises
    ------
    HyteError
        For an unknown area, or where no difference is clear.
    """
    area = _one_area(only_release(release), areas)
    every = topics(release, area=area, dimensions=None if dimension is None else [dimension], period=period)
    return picture(release, area, every, lang=lang, most=most, width=width)


@spoken
def picture(
    release: Release, area: str, every: list[Topic], *, lang: str = "fi", most: int = MOST, width: float = 21.0
) -> FigureBundle:
    """The page of :func:`county`, of topics that are measured already."""
    shown = sorted((one for one in every if one.ratio > 0), key=lambda one: -one.ratio)[:most]
    if not shown:
        raise HyteError(f"no difference between groups is clear in {area}: there is nothing to draw")
    return _bundle(release, area, every, shown, width, lang)


def _one_area(release: Release, areas: str | Sequence[str] | None) -> str:
    asked = [areas] if isinstance(areas, str) else list(areas or [])
    if not asked:
        there = release.areas["area"].unique().tolist()
        asked = there if len(there) == 1 else []
    if len(asked) != 1:
        raise HyteError("name the one area of the picture, such as areas='HVA10'")
    return asked[0]


def _bundle(
    release: Release, area: str, every: list[Topic], shown: list[Topic], width: float, lang: str
) -> FigureBundle:
    names = shown[0].main.names
    clear = sum(one.clear for one in every)
    periods = sorted({one.main.period for one in shown})
    title = text("figure.county.title", lang, area=names.area(area, lang))
    span = periods[0] if len(periods) == 1 else f"{periods[0]}–{periods[-1]}"
    subtitle = text("figure.county.subtitle", lang, period=when(span), clear=str(clear), number=str(len(every)))
    sources = list(dict.fromkeys(words.source(release, one.indicator, lang) for one in shown))
    table = pd.concat([_rows(one.main) for one in shown], ignore_index=True)
    with style.context():
        around = {"title": title, "subtitle": subtitle, "source": " ".join(sources), "mark": words.mark(release, lang)}
        page = Sheet(shown, width, lang, **around)
        page.draw()
    readable = pd.concat([_readable(one.main, lang) for one in shown], ignore_index=True)
    number = {text(f"table.{name}", lang): "#,##0.0" for name in ("figure", "lower", "upper")}
    return FigureBundle(
        fig=page.fig,
        table=table,
        title=title,
        subtitle=subtitle,
        alt=_alt(shown, title, lang),
        long_text=words.long_text("county", lang),
        source=sources[0] if len(sources) == 1 else " ".join(sources),
        notes=(text("figure.county.chosen", lang),),
        states=tuple(dict.fromkeys(state for one in shown for state in one.main.states)),
        number_format=number,
        lang=lang,
        release=release.id,
        plotted=tuple(page.plotted),
        readable=readable,
        body=page.body,
    )


def _rows(one: Finding) -> pd.DataFrame:
    """Both groups, the difference, the ratio as it is drawn, and the people concerned."""
    assert one.difference is not None
    groups = one.groups[one.groups["group"].isin(one.difference.between)].assign(measure="level")
    same = {"indicator": one.indicator, "area": one.shown_area, "period": one.period, "dimension": one.dimension}
    gap = one.difference
    ratio, lower, upper = turned(one)
    more = [
        {"measure": "D", "estimate": gap.estimate, "lower": gap.lower, "upper": gap.upper},
        {"measure": "R", "estimate": ratio, "lower": lower, "upper": upper},
    ]
    if one.people is not None:
        more.append({"measure": "people", "estimate": about(one.people)})
    told = pd.DataFrame([{**same, "group": " − ".join(gap.between), "status": "ok", **row} for row in more])
    return pd.concat([groups, told], ignore_index=True)


def _readable(one: Finding, lang: str) -> pd.DataFrame:
    lines = []
    for row in _rows(one).to_dict("records"):
        measure = row["measure"]
        factor = one.unit.factor if measure in ("level", "D") else 1.0
        groups = [one.names.group(one.dimension, group, lang) for group in row["group"].split(" − ")]
        unit = {
            "level": one.unit.measure(lang),
            "D": one.unit.gap_measure(lang),
            "R": text("figure.county.times", lang),
            "people": text("figure.county.people", lang),
        }[measure]
        lines.append(
            {
                text("table.indicator", lang): one.names.indicator(one.indicator, lang),
                text("table.group", lang): groups[0]
                if measure == "level"
                else text("table.gap", lang, first=groups[0], second=groups[1])
                if measure != "people"
                else text("figure.county.if_best", lang),
                text("table.period", lang): when(one.period),
                text("table.figure", lang): row["estimate"] * factor,
                text("table.lower", lang): row.get("lower", np.nan) * factor,
                text("table.upper", lang): row.get("upper", np.nan) * factor,
                text("table.unit", lang): unit,
            }
        )
    return pd.DataFrame(lines)


def _alt(shown: list[Topic], title: str, lang: str) -> str:
    first = shown[0].main
    high, low = pair(first)
    level = first.groups.set_index("group")["estimate"]

    def write(short: Callable[[str], str]) -> str:
        return text(
            "figure.alt.county",
            lang,
            title=title,
            number=str(len(shown)),
            indicator=short(first.names.indicator(first.indicator, lang)),
            highest=short(first.names.group(first.dimension, high, lang)),
            high=first.unit.level(level[high], lang),
            lowest=short(first.names.group(first.dimension, low, lang)),
            low=first.unit.level(level[low], lang),
        )

    return words.alt(write, lang)
