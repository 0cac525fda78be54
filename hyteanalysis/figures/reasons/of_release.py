"""Why the gap is there, from a release's own cells: composition, areas, social gradients, crossed groups."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hyteanalysis import areas as areal
from hyteanalysis import decomposition, intersectional, spatial
from hyteanalysis.cells import CROSS, parts
from hyteanalysis.errors import HyteError, MeasureError
from hyteanalysis.figures import choice
from hyteanalysis.figures.boundaries import boundaries
from hyteanalysis.figures.bundle import FigureBundle
from hyteanalysis.figures.fitted import About
from hyteanalysis.figures.reasons.contributions import drawn as contributions
from hyteanalysis.figures.reasons.scatter import drawn as scatter
from hyteanalysis.figures.reasons.strata import drawn as strata
from hyteanalysis.findings.kept import names_of
from hyteanalysis.i18n import Unit, text

if TYPE_CHECKING:
    from hyteanalysis.disclosure import Release

SEED, DRAWS = 1, 500
NEAREST = 4


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
    chosen = _Chosen.of(release, indicator, dimension, areas, period, crossed=True)
    between, pair, rest = chosen.comparison()
    result = decomposition.kitagawa(chosen.split, between=between, groups=pair, by=rest)
    return contributions(result, release.policy, chosen.about(lang), lang=lang, width=width)


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
    cells = cells[cells["area"].isin(_alike(cells, areas))]
    cells = cells[cells["period"] == _newest(cells, period)]
    known = cells.dropna(subset=["estimate", "population"])
    if known["area"].nunique() < 2:
        raise MeasureError("Inequality between areas needs two areas of one kind with figures.")
    result = decomposition.theil(known.assign(respondents=np.nan), within="area")
    names = names_of(release)
    about = About.of(
        release, indicator, (names.indicator(indicator, lang), names.dimension(dimension, lang),
                             str(known["period"].iloc[0]).replace("-", "–")),
        {"area": text("figure.column.area_kind", lang)}, None, lang,
    )  # fmt: skip
    return contributions(result, release.policy, about, lang=lang, width=width)


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
    chosen = _Chosen.of(release, indicator, dimension, areas, period, crossed=True)
    scale, _ = chosen.scale()
    rows = chosen.split.dropna(subset=["estimate", "population"])
    known = "se" in rows and rows["se"].notna().all()
    result = decomposition.concentration(
        rows.assign(_rank=rows[scale].map(chosen.orders[scale])), outcome="estimate", rank="_rank",
        factors=parts(chosen.dimension), weight="population", se="se" if known else None,
        draws=DRAWS if known else 0, seed=SEED,
    )  # fmt: skip
    return contributions(result, release.policy, chosen.about(lang, bare=True), lang=lang, width=width)


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
    chosen = _Chosen.of(release, indicator, dimension, areas, period, crossed=True)
    result = intersectional.maihda(
        chosen.cells, outcome=chosen.indicator, strata=parts(chosen.dimension), indicators=chosen.meta
    )
    return strata(result, release.policy, chosen.about(lang), lang=lang, width=width)


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
    cells = cells[cells["area"].isin(_alike(cells, areas))]
    cells = cells[cells["period"] == _newest(cells, period)].dropna(subset="estimate")
    if len(cells) < 6:
        raise MeasureError(f"{len(cells)} areas with figures are too few to tell whether like lies by like.")
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
        release, indicator, (names.indicator(indicator, lang), str(cells["period"].iloc[0]).replace("-", "–")),
        {code: names.area(code, lang) for code in codes}, Unit.of(meta, result.frame["value"]), lang,
    )  # fmt: skip
    return scatter(result, release.policy, about, lang=lang, width=width)


class _Chosen:
    """Cells of one indicator, crossed dimension, area and period."""

    def __init__(self, release: "Release", indicator: str, dimension: str, cells: pd.DataFrame) -> None:
        self.release, self.indicator, self.dimension, self.cells = release, indicator, dimension, cells
        self.meta = release.indicators[release.indicators["indicator"] == indicator]
        split = cells["group"].str.split(CROSS, expand=True, regex=False)
        split.columns = parts(dimension)
        self.split = pd.concat([cells.drop(columns="group"), split], axis=1)
        groups = release.groups
        self.orders = {
            part: groups[groups["dimension"] == part].set_index("group")["order"].dropna().to_dict()
            for part in parts(dimension)
        }

    @classmethod
    def of(
        cls, release: "Release", indicator: str | None, dimension: str | None, areas: str | Sequence[str] | None,
        period: str | None, *, crossed: bool,
    ) -> "_Chosen":  # fmt: skip
        indicator = choice.only(indicator, release.indicators["indicator"].tolist(), "indicator")
        there = sorted(set(release.select(indicator=indicator)["dimension"]))
        dimension = choice.only(dimension, [name for name in there if CROSS in name], "crossed dimension")
        cells = release.select(indicator=indicator, dimension=dimension)
        area = choice.areas_to_show(cells, areas)[0]
        cells = cells[cells["area"] == area]
        if cells.empty:
            raise HyteError(f"the release has no rows of {indicator!r} by {dimension} for {area!r}")
        return cls(release, indicator, dimension, cells[cells["period"] == _newest(cells, period)])

    def scale(self) -> tuple[str, list[str]]:
        """The ordered part, and the others."""
        ordered = [part for part in parts(self.dimension) if self._ordered(part)]
        if not ordered:
            raise MeasureError(f"{self.dimension} has no ordered part: a social scale is needed, such as education.")
        return ordered[0], [part for part in parts(self.dimension) if part != ordered[0]]

    def comparison(self) -> tuple[str, tuple[str, str], list[str]]:
        """What the gap is between, its two groups, and the composition."""
        two = [part for part in parts(self.dimension) if self.split[part].nunique() == 2]
        if any(self._ordered(part) for part in parts(self.dimension)):
            between, rest = self.scale()
            kinds = sorted(self.split[between].unique(), key=lambda group: self.orders[between][group])
            return between, (kinds[0], kinds[-1]), rest
        if not two:
            raise MeasureError(f"{self.dimension} has no ordered part, nor one of two groups, to compare.")
        first, second = sorted(self.split[two[0]].unique())
        sums = self.split.assign(_w=self.split["population"] * self.split["estimate"]).groupby(two[0])
        mean = sums["_w"].sum() / sums["population"].sum()
        pair = (first, second) if mean[first] >= mean[second] else (second, first)
        return two[0], pair, [part for part in parts(self.dimension) if part != two[0]]

    def _ordered(self, part: str) -> bool:
        return set(self.split[part]) <= set(self.orders[part])

    def about(self, lang: str, *, bare: bool = False) -> About:
        """Words around the figure."""
        names = names_of(self.release)
        labels = {part: names.dimension(part, lang) for part in parts(self.dimension)}
        for part in parts(self.dimension):
            labels |= {group: names.group(part, group, lang) for group in self.split[part].unique()}
        row = self.cells.iloc[0]
        told = (names.indicator(self.indicator, lang), names.area(row["area"], lang), row["period"].replace("-", "–"))
        unit = None if bare else Unit.of(self.meta.iloc[0].to_dict(), self.cells["estimate"].dropna())
        return About.of(self.release, self.indicator, told, labels, unit, lang)


def _newest(cells: pd.DataFrame, period: str | None) -> str:
    there = sorted(cells.loc[cells["estimate"].notna(), "period"].unique()) or sorted(cells["period"].unique())
    if not there:
        raise HyteError("the release has no such rows")
    return choice.only(period or str(there[-1]), sorted(set(cells["period"])), "period")


def _alike(cells: pd.DataFrame, areas: str | Sequence[str] | None) -> list[str]:
    """Areas of one kind: those named, else all counties, else all of the most common kind below the country."""
    if areas is not None and not isinstance(areas, str) and len(list(areas)) > 1:
        return list(areas)
    levels = pd.Series({area: areal.level(area) for area in sorted(set(cells["area"]))})
    below = levels[levels != "country"]
    wanted = "county" if (below == "county").any() else below.mode().iloc[0] if len(below) else ""
    return [str(area) for area in levels.index[levels == wanted]]
