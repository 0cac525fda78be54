"""What a gap consists of: bars that add up to it, of a fitted result or of a release's own cells."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from hyteanalysis.cells import parts
from hyteanalysis.disclosure import Policy
from hyteanalysis.errors import HyteError, LackError
from hyteanalysis.figures.kit import choice, lines, style
from hyteanalysis.figures.kit.bundle import FigureBundle
from hyteanalysis.figures.kit.registry import figure
from hyteanalysis.figures.kit.results import Columns, Crossed, ResultWords, alike, bundle, level, newest, pattern, safe
from hyteanalysis.findings.lookup import names_of
from hyteanalysis.i18n import Unit, spoken, text, when

# decompositions are slow to import, and most pages show none: functions take what they need
if TYPE_CHECKING:
    from hyteanalysis.decomposition import Decomposition
    from hyteanalysis.disclosure import Release


SUMMED = ("threefold", "theil")  # shown by part; others by factor
MOST = 25
SMALL = 10.0  # amounts, as shown, under which they get one more decimal


@figure("contributions", of="result")
@spoken
def contributions(
    result: "Decomposition",
    policy: Policy,
    *,
    source: str,
    labels: Mapping[str, str] | None = None,
    unit: Unit | None = None,
    lang: str = "fi",
    width: float = 16.0,
) -> FigureBundle:
    """What does the gap consist of?

    Parameters
    ----------
    result : Decomposition
        Of any of :mod:`hyteanalysis.decomposition`, one setting.
    policy : Policy
        Rows that rest on fewer respondents than its minimum are hidden; of rows that add up never one alone.
    source : str
        Whose data the result rests on.
    labels : mapping, optional
        Names of groups, factors and areas by id.
    unit : Unit, optional
        Writes amounts with their unit.
    lang : {"fi", "sv", "en"}
    width : float
        cm; 16 for print, 7.5 for a phone.

    Returns
    -------
    FigureBundle
        The table holds ``label, estimate, lower, upper, share, status``, the total last. Bars below 0 are hatched.

    Raises
    ------
    DisclosureError
        Without a policy, without known respondents, or where everything would be hidden.
    HyteError
        Without a source, or for a result of many settings.
    """
    return _drawn(result, policy, ResultWords.given(source, labels, unit, lang), lang=lang, width=width)


def _drawn(result: "Decomposition", policy: Policy, about: ResultWords, *, lang: str, width: float) -> FigureBundle:
    """The figure of a result, of a release or not."""
    from hyteanalysis.decomposition import Decomposition
    from hyteanalysis.decomposition.result import decimals

    if not isinstance(result, Decomposition) or not np.isfinite(result.total):
        raise HyteError(
            f"this figure takes a Decomposition of one setting, as hyte.decompose gives; not {result!r:.80}"
        )
    rows = _rows(result)
    if about.unit is not None and np.abs(rows["estimate"]).max() * about.unit.factor < SMALL:
        about = replace(about, unit=about.unit.finer())
    table = safe(rows, policy, released=bool(about.release), adding=True)
    names = [_label(row, result, about, lang) for row in table.to_dict("records")]
    table = table.assign(label=names)
    whole = result.parts.iloc[-1]
    total = {name: whole[name] for name in ("estimate", "lower", "upper", "share")}
    last = text(f"figure.contributions.total_{'gap' if len(result.groups) == 2 else 'index'}", lang)
    table = pd.concat([table, pd.DataFrame([total | {"label": last, "status": "ok"}])], ignore_index=True)
    digits = decimals(result.frame["estimate"])
    said = [_said(row, about, digits, lang) for row in table.to_dict("records")]
    chart = [
        lines.Line(row["label"], words_, row["estimate"], row["lower"], row["upper"], strong=i == len(table) - 1)
        for i, (row, words_) in enumerate(zip(table.to_dict("records"), said, strict=True))
    ]
    title = result.sentence(lang, labels=about.labels, say=about.writer(digits, lang)).rstrip(".")
    limited = np.isfinite(table["lower"].to_numpy(dtype=float)).any()
    subtitle = [
        text("figure.contributions.subtitle", lang),
        *about.subtitle,
        text("figure.interval", lang) if limited else "",
    ]
    caption = about.caption("contributions", title=title, subtitle=subtitle, lang=lang)
    with style.context():
        sheet, plotted = lines.draw(
            chart, lines.BAR, measure=about.measure(lang), lang=lang, width=width, around=caption.around
        )

    def alternative(short: Any) -> str:
        there = table.iloc[:-1].dropna(subset="estimate")
        largest = there.loc[there["estimate"].abs().idxmax()]
        write = about.writer(digits, lang)
        return text("figure.alt.contributions", lang, total=write(whole["estimate"]), largest=short(largest["label"]),
                    amount=write(largest["estimate"]), rows=str(len(table) - 1))  # fmt: skip

    kept = ["label", "factor", "part", "estimate", "lower", "upper", "share", "status"]
    return bundle(
        caption,
        sheet,
        table[kept],
        _columns(table, about, digits, lang),
        alternative=alternative,
        notes=result.assumed(lang),
        plotted=plotted,
    )


def _rows(result: "Decomposition") -> pd.DataFrame:
    """The rows drawn: one a factor, and the unexplained part in one."""
    frame = result.frame.reset_index(drop=True)
    if result.method in SUMMED:
        least = frame["respondents"].min()
        parts = result.parts.iloc[:-1]
        return parts.assign(factor="", respondents=least).reset_index(drop=True)
    if result.method == "oaxaca":
        rest = result.parts[result.parts["part"] == "unexplained"]
        frame = pd.concat(
            [frame[frame["part"] == "explained"], rest.assign(factor="", respondents=frame["respondents"].min())],
            ignore_index=True,
        )
    if len(frame) > MOST:
        raise HyteError(f"{len(frame)} contributions do not fit one figure of {MOST}: join categories.")
    return frame


def _label(row: Mapping[str, Any], result: "Decomposition", about: ResultWords, lang: str) -> str:
    """What a bar is called: the factor, with its part where parts differ."""
    part, factor = str(row["part"]), str(row["factor"])
    if part in ("contribution", "age", "cause"):
        return about.name(factor)
    if part == "composition":
        return text("figure.part.composition", lang, factor=about.name(factor))
    if part in ("differences", "returns", "explained"):
        return text(f"figure.part.{part}", lang, factor=about.name(factor))
    inner = ", ".join(about.name(one) for one in result.factors)
    return text(f"figure.part.{part}", lang, factor=inner)


def _said(row: Mapping[str, Any], about: ResultWords, digits: int, lang: str) -> str:
    if row["status"] == "suppressed":
        return text("table.status.suppressed", lang)
    return level(row["estimate"], row["lower"], row["upper"], about, digits, lang)


def _columns(table: pd.DataFrame, about: ResultWords, digits: int, lang: str) -> Columns:
    amounts = pattern(about, digits)
    return {
        text("figure.column.part", lang): (table["label"], None),
        text("figure.column.contribution", lang): (table["estimate"], amounts),
        text("table.lower", lang): (table["lower"], amounts),
        text("table.upper", lang): (table["upper"], amounts),
        text("figure.column.share", lang): (table["share"], "0.0%"),
    }


SEED, DRAWS = 1, 500


@figure("kitagawa", of="release", needs=("crossed",), explains=True)
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
    from hyteanalysis import decomposition

    chosen = Crossed.of(release, indicator=indicator, dimension=dimension, areas=areas, period=period)
    between, pair, rest = chosen.comparison()
    result = decomposition.kitagawa(chosen.split, between=between, groups=pair, by=rest)
    return _drawn(result, release.policy, chosen.about(lang), lang=lang, width=width)


@figure("theil", of="release", needs=("areas",), explains=True)
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
    from hyteanalysis import decomposition

    indicator, dimension = choice.indicator_and_dimension(release, indicator, dimension)
    cells = release.select(indicator=indicator, dimension=dimension)
    cells = cells[cells["area"].isin(alike(cells, areas))]
    cells = cells[cells["period"] == newest(cells, period, indicator)]
    if "population" not in cells:
        raise LackError("weights", f"Inequality between areas needs the groups' populations; {indicator!r} has none.")
    known = cells.dropna(subset=["estimate", "population"])
    if known["area"].nunique() < 2:
        raise LackError(
            "areas",
            f"Inequality between areas needs two areas of one kind; {indicator!r} by {dimension!r} has numbers of "
            f"{known['area'].nunique()}. Name others in areas=, or another indicator.",
        )
    result = decomposition.theil(known.assign(respondents=np.nan), within="area")
    names = names_of(release)
    about = ResultWords.of(
        release, indicator, (names.indicator(indicator, lang), names.dimension(dimension, lang),
                             when(str(known["period"].iloc[0]))),
        {"area": text("figure.column.area_kind", lang)}, None, lang,
    )  # fmt: skip
    return _drawn(result, release.policy, about, lang=lang, width=width)


@figure(
    "concentration",
    of="release",
    needs=(
        "crossed",
        "order",
    ),
    explains=True,
)
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
    from hyteanalysis import decomposition

    chosen = Crossed.of(release, indicator=indicator, dimension=dimension, areas=areas, period=period)
    scale, _ = chosen.scale()
    rows = chosen.split.dropna(subset=["estimate", "population"])
    known = "se" in rows and rows["se"].notna().all()
    result = decomposition.concentration(
        rows.assign(_rank=rows[scale].map(chosen.orders[scale])), outcome="estimate", rank="_rank",
        factors=parts(chosen.dimension), weight="population", se="se" if known else None,
        draws=DRAWS if known else 0, seed=SEED,
    )  # fmt: skip
    return _drawn(result, release.policy, chosen.about(lang, bare=True), lang=lang, width=width)
