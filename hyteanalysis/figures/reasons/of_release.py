"""Why the gap is there, from a release's own cells: composition, areas, social gradients, crossed groups."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from hyteanalysis import decomposition, intersectional, spatial
from hyteanalysis.cells import parts
from hyteanalysis.errors import MeasureError
from hyteanalysis.figures import choice
from hyteanalysis.figures.boundaries import boundaries
from hyteanalysis.figures.bundle import FigureBundle
from hyteanalysis.figures.fitted import About
from hyteanalysis.figures.reasons.chosen import Crossed, alike, newest
from hyteanalysis.figures.reasons.contributions import drawn as contributions
from hyteanalysis.figures.reasons.scatter import drawn as scatter
from hyteanalysis.figures.reasons.strata import drawn as strata
from hyteanalysis.findings.kept import names_of
from hyteanalysis.i18n import Unit, spoken, text, when

if TYPE_CHECKING:
    from hyteanalysis.disclosure import Release

SEED, DRAWS = 1, 500
NEAREST = 4
FEWEST = 6  # areas of which neighbours can be compared


@spoken
def kitagawa(
    release: "Release", *, indicator: str | None = None, dimension: str | None = None,
    areas: str | Sequence[str] | None = None, period: str | None = None, lang: str = "fi", width: float = 16.0,
) -> FigureBundle:  # fmt: skip
    """How much of the gap is there because the groups are made up differently?

    Parameters
    ----------
    release : Release
    indicator : str
    dimension : str
        A crossed one such as ``age × education``: the gap is between the most disadvantaged and the most advantaged
        group of the ordered part (of a part of two groups, where none is ordered); the other parts are the composition.
    areas : str, optional
        One area; of a list the first. By default the first of the highest level.
    period : str, optional
        The newest by default.
    lang : {"fi", "sv", "en"}
    width : float
        cm.

    Returns
    -------
    FigureBundle
        As :func:`hyteanalysis.figures.contributions`.

    Raises
    ------
    MeasureError
        For a dimension that is not crossed or has no two groups to compare, and hidden or missing cells.
    HyteError
        For unknown ids.
    """
    chosen = Crossed.of(release, indicator=indicator, dimension=dimension, areas=areas, period=period)
    between, pair, rest = chosen.comparison()
    result = decomposition.kitagawa(chosen.split, between=between, groups=pair, by=rest)
    return contributions(result, release.policy, chosen.about(lang), lang=lang, width=width)


@spoken
def theil(
    release: "Release", *, indicator: str | None = None, dimension: str | None = None,
    areas: str | Sequence[str] | None = None, period: str | None = None, lang: str = "fi", width: float = 16.0,
) -> FigureBundle:  # fmt: skip
    """Are the differences mainly between areas, or between the groups within them?

    Parameters
    ----------
    release : Release
    indicator, dimension : str
        The groups whose differences lie within areas.
    areas : list of str, optional
        Areas of one kind; by default, or where one is named, all counties (else all of the most common kind).
    period, lang, width
        As :func:`kitagawa`.

    Returns
    -------
    FigureBundle

    Raises
    ------
    MeasureError
        For levels of 0, or fewer than two areas.
    """
    indicator, dimension = choice.indicator_and_dimension(release, indicator, dimension)
    cells = release.select(indicator=indicator, dimension=dimension)
    cells = cells[cells["area"].isin(alike(cells, areas))]
    cells = cells[cells["period"] == newest(cells, period, indicator)]
    known = cells.dropna(subset=["estimate", "population"])
    if known["area"].nunique() < 2:
        raise MeasureError(
            f"Inequality between areas needs two areas of one kind; {indicator!r} by {dimension!r} has numbers of "
            f"{known['area'].nunique()}. Name others in areas=, or another indicator."
        )
    result = decomposition.theil(known.assign(respondents=np.nan), within="area")
    names = names_of(release)
    about = About.of(
        release, indicator, (names.indicator(indicator, lang), names.dimension(dimension, lang),
                             when(str(known["period"].iloc[0]))),
        {"area": text("figure.column.area_kind", lang)}, None, lang,
    )  # fmt: skip
    return contributions(result, release.policy, about, lang=lang, width=width)


@spoken
def concentration(
    release: "Release", *, indicator: str | None = None, dimension: str | None = None,
    areas: str | Sequence[str] | None = None, period: str | None = None, lang: str = "fi", width: float = 16.0,
) -> FigureBundle:  # fmt: skip
    """What goes with the outcome being more common at one end of the social scale?

    Parameters
    ----------
    release, indicator, areas, period, lang, width
        As :func:`kitagawa`.
    dimension : str
        A crossed one with an ordered part, which is the social scale; all parts are factors.

    Returns
    -------
    FigureBundle
        Limits by simulation from the cells' standard errors (500 draws, seed 1); none where cells have no error.
    """
    chosen = Crossed.of(release, indicator=indicator, dimension=dimension, areas=areas, period=period)
    scale, _ = chosen.scale()
    rows = chosen.split.dropna(subset=["estimate", "population"])
    known = "se" in rows and rows["se"].notna().all()
    result = decomposition.concentration(
        rows.assign(_rank=rows[scale].map(chosen.orders[scale])), outcome="estimate", rank="_rank",
        factors=parts(chosen.dimension), weight="population", se="se" if known else None,
        draws=DRAWS if known else 0, seed=SEED,
    )  # fmt: skip
    return contributions(result, release.policy, chosen.about(lang, bare=True), lang=lang, width=width)


@spoken
def maihda(
    release: "Release", *, indicator: str | None = None, dimension: str | None = None,
    areas: str | Sequence[str] | None = None, period: str | None = None, lang: str = "fi", width: float = 16.0,
) -> FigureBundle:  # fmt: skip
    """Where do several disadvantages meet?

    Parameters
    ----------
    release, indicator, areas, period, lang, width
        As :func:`kitagawa`.
    dimension : str
        A crossed one, whose groups are the strata.

    Returns
    -------
    FigureBundle
        As :func:`hyteanalysis.figures.strata`.
    """
    chosen = Crossed.of(release, indicator=indicator, dimension=dimension, areas=areas, period=period)
    result = intersectional.maihda(
        chosen.cells, outcome=chosen.indicator, strata=parts(chosen.dimension), indicators=chosen.meta
    )
    return strata(result, release.policy, chosen.about(lang), lang=lang, width=width)


@spoken
def moran(
    release: "Release", *, indicator: str | None = None, dimension: str | None = None,
    areas: str | Sequence[str] | None = None, period: str | None = None, lang: str = "fi", width: float = 16.0,
) -> FigureBundle:  # fmt: skip
    """Do like areas lie together?

    Parameters
    ----------
    release, indicator, period, lang, width
        As :func:`kitagawa`.
    dimension : str, optional
        Not used: levels of the whole population are compared.
    areas : list of str, optional
        Areas of one kind; by default, or where one is named, all counties (else all of the most common kind).

    Returns
    -------
    FigureBundle
        As :func:`hyteanalysis.figures.scatter`. Neighbours share a boundary where boundaries were fetched; else each
        area has its four nearest by centre point. Counts are shrunken first.
    """
    indicator = choice.only(indicator, release.indicators["indicator"].tolist(), "indicator")
    cells = release.select(indicator=indicator, dimension="total")
    cells = cells[cells["area"].isin(alike(cells, areas))]
    cells = cells[cells["period"] == newest(cells, period, indicator)].dropna(subset="estimate")
    if len(cells) < FEWEST:
        raise MeasureError(
            f"{indicator!r} has numbers of {len(cells)} areas of one kind: too few to tell whether like lies by like. "
            f"It takes {FEWEST} or more."
        )
    meta = release.indicators[release.indicators["indicator"] == indicator].iloc[0].to_dict()
    counted = {"events", "population"} <= set(cells) and cells[["events", "population"]].notna().all(axis=None)
    counted = counted and meta["kind"] in ("proportion", "rate")
    codes = cells["area"].tolist()
    shapes = boundaries(codes)
    near = spatial.neighbours(
        shapes if shapes is not None else codes, k=min(NEAREST, len(codes) - 1), islands="nearest"
    )
    result = spatial.moran(
        cells, near, value=None if counted else "estimate", scale=float(meta["scale"]) if counted else 1, seed=SEED
    )
    names = names_of(release)
    about = About.of(
        release, indicator, (names.indicator(indicator, lang), when(str(cells["period"].iloc[0]))),
        {code: names.area(code, lang) for code in codes}, Unit.of(meta, result.frame["value"]), lang,
    )  # fmt: skip
    return scatter(result, release.policy, about, lang=lang, width=width)
