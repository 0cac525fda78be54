"""What figures of fitted results share: the cells read, whose numbers they are, what the policy hides, the words."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from hyteanalysis.cells import CROSS, parts
from hyteanalysis.disclosure import Policy, only_release
from hyteanalysis.errors import DisclosureError, HyteError, LackError, MeasureError
from hyteanalysis.figures.kit import choice, words
from hyteanalysis.figures.kit.bundle import Caption, FigureBundle
from hyteanalysis.figures.kit.sheet import Sheet
from hyteanalysis.findings.lookup import names_of
from hyteanalysis.i18n import Unit, number, text, when, with_interval

if TYPE_CHECKING:
    from hyteanalysis.disclosure import Release


NUMBERS = (
    *("estimate", "se", "lower", "upper", "share", "predicted", "additive", "interaction", "interaction_lower"),
    *("interaction_upper", "value", "neighbours", "z", "lag", "local", "events", "respondents", "people", "weight"),
)


@dataclass(frozen=True)
class ResultWords:
    """The words around a figure of a fitted result.

    Attributes
    ----------
    source : str
    subtitle : tuple of str
        What is measured, where and when.
    labels : mapping
        Names of groups, factors and areas.
    unit : Unit or None
        How amounts are written; bare numbers without.
    release, mark : str
        Id of the release that the result was computed from, and the mark of practice data.
    """

    source: str
    subtitle: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    unit: Unit | None = None
    release: str = ""
    mark: str = ""

    @classmethod
    def given(cls, source: str, labels: Mapping[str, str] | None, unit: Unit | None, lang: str) -> "ResultWords":
        """Of a researcher's own result, which must say whose data it rests on."""
        if not source.strip():
            raise HyteError("source= must say whose data the result rests on")
        return cls(words.cited(source, lang), (), labels or {}, unit)

    @classmethod
    def of(
        cls, release: "Release", indicator: str, subtitle: tuple[str, ...], labels: Mapping[str, str],
        unit: Unit | None, lang: str,
    ) -> "ResultWords":  # fmt: skip
        """Of a result computed from a release's cells."""
        return cls(
            words.source(release, indicator, lang), subtitle, labels, unit, release.id, words.mark(release, lang)
        )

    def caption(self, kind: str, *, title: str, subtitle: Sequence[str], lang: str) -> Caption:
        """Of a kind of figure."""
        return Caption(kind, title, words.subtitle(subtitle), self.source, lang, self.release, self.mark)

    def name(self, key: object) -> str:
        """The name of a group, factor or area; its id where there is none."""
        return str(self.labels.get(str(key), key))

    def writer(self, decimals: int, lang: str) -> Callable[[float], str]:
        """Writes an amount."""
        unit = self.unit
        return (lambda value: unit.difference(value, lang)) if unit else (lambda value: number(value, lang, decimals))

    def measure(self, lang: str) -> str:
        """The unit of an axis of differences."""
        return self.unit.gap_measure(lang) if self.unit else ""


def safe(rows: pd.DataFrame, policy: Policy, *, released: bool, adding: bool) -> pd.DataFrame:
    """Rows with ``status``; those of too few people are ``suppressed`` and lose their numbers.

    Parameters
    ----------
    rows : DataFrame
        With ``respondents``, and ``events`` where there are counts.
    policy : Policy
    released : bool
        Whether the result was computed from a release's cells, which are safe as they are.
    adding : bool
        Whether the rows add up to a shown total, so that one hidden row alone could be worked out.

    Raises
    ------
    DisclosureError
        Without a policy, where respondents are not known, or where every row is hidden.
    """
    if not isinstance(policy, Policy):
        raise DisclosureError(
            f"a figure of a fitted result takes a Policy, as Policy.from_profile('thl'); not {policy!r}"
        )
    shown = rows.assign(status=rows.get("status", "ok"))
    if released:
        return shown
    known = rows["respondents"].notna()
    if policy.counts_needed and policy.minimum_respondents > 0 and not known.any():
        raise DisclosureError(
            "The result does not say how many people it rests on, so nothing shows that it is safe. Compute it from a "
            "release, or use Policy.from_profile('open') for data that are public already."
        )
    hidden = (rows["respondents"] < policy.minimum_respondents) & known
    if "events" in rows:
        for count in (rows["events"], rows["respondents"] - rows["events"]):
            hidden |= (count > 0) & (count < policy.minimum_count)
    if hidden.all():
        least = int(rows["respondents"].max())
        raise DisclosureError(
            f"The result rests on {least} respondents at most in every row, and the policy shows nothing under "
            f"{policy.minimum_respondents}. Join groups."
        )
    if adding and hidden.sum() == 1:  # its neighbour in size hides it
        smallest = rows.loc[~hidden, "estimate"].abs().idxmin()
        hidden |= rows.index == smallest
    shown.loc[hidden, [name for name in NUMBERS if name in shown]] = np.nan
    shown.loc[hidden, "status"] = "suppressed"
    return shown


def _hidden_note(rows: pd.DataFrame, names: list[str], lang: str) -> tuple[str, ...]:
    """Rows that the policy hides, by name."""
    lost = [name for name, status in zip(names, rows["status"], strict=True) if status == "suppressed"]
    return (text("finding.state.suppressed", lang, groups="; ".join(lost)),) if lost else ()


STATES = {"suppressed", "uncertain"}
Columns = Mapping[str, tuple[Any, str | None]]  # by heading: values and number format


def bundle(
    caption: Caption, sheet: Sheet, table: pd.DataFrame, columns: Columns, *, alternative: words.Alternative,
    notes: tuple[str, ...], plotted: list[float],
) -> FigureBundle:  # fmt: skip
    """The figure of a result; hidden rows of the table are named first among the notes.

    Parameters
    ----------
    caption : Caption
    sheet : Sheet
    table : DataFrame
        With ``label`` and ``status``.
    columns : mapping
        The same as people read it: values and number format by heading.
    alternative, notes, plotted
        As :meth:`Caption.bundle` takes them.
    """
    return caption.bundle(
        sheet,
        table,
        _readable(table, columns, caption.lang),
        {heading: pattern for heading, (_, pattern) in columns.items() if pattern},
        alternative=alternative,
        plotted=plotted,
        notes=(*_hidden_note(table, table["label"].tolist(), caption.lang), *notes),
        states=sorted(set(table["status"]) & STATES),
    )


def amount(value: float, about: ResultWords, digits: int, lang: str) -> str:
    """A level in its unit; a bare number without."""
    return about.unit.number(value, lang) if about.unit else number(value, lang, digits)


def level(value: float, lower: float, upper: float, about: ResultWords, digits: int, lang: str) -> str:
    """A level and, where it is known, its interval."""
    if about.unit:
        return about.unit.with_interval(value, lower, upper, lang)
    return with_interval(value, lower, upper, lang, digits)


def pattern(about: ResultWords, digits: int) -> str:
    """How a spreadsheet writes the amounts."""
    return about.unit.pattern if about.unit else "0." + "0" * digits


def _readable(table: pd.DataFrame, columns: Columns, lang: str) -> pd.DataFrame:
    """The table with headings; with a status where a row is not simply there."""
    shown = pd.DataFrame({heading: np.asarray(values) for heading, (values, _) in columns.items()})
    if (table["status"] != "ok").any():
        shown[text("table.status", lang)] = [
            "" if status == "ok" else text(f"table.status.{status}", lang) for status in table["status"]
        ]
    return shown


class Crossed:
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
        cls, release: "Release", *, indicator: str | None, dimension: str | None, areas: str | Sequence[str] | None,
        period: str | None,
    ) -> "Crossed":  # fmt: skip
        """What was asked for, checked; what was left open, chosen."""
        indicator = choice.only(indicator, only_release(release).indicators["indicator"].tolist(), "indicator")
        there = sorted(set(release.select(indicator=indicator)["dimension"]))
        crossed = [name for name in there if CROSS in name]
        if not crossed:
            raise LackError("crossed", f"the release has no crossed dimension of {indicator!r}")
        dimension = choice.only(dimension, crossed, "crossed dimension")
        cells = release.select(indicator=indicator, dimension=dimension)
        area = choice.areas_to_show(cells, areas)[0]
        cells = cells[cells["area"] == area]
        if cells.empty:
            has = ", ".join(sorted(release.select(indicator=indicator, dimension=dimension)["area"].unique())[:20])
            said = f"the release has no rows of {indicator!r} by {dimension} for {area!r}; it has {has}"
            raise LackError("crossed", said)
        if "population" not in cells:
            raise LackError("weights", f"shares of a whole need populations; {indicator!r} by {dimension} has none")
        return cls(release, indicator, dimension, cells[cells["period"] == newest(cells, period, indicator)])

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

    def about(self, lang: str, *, bare: bool = False) -> ResultWords:
        """Words around the figure."""
        names = names_of(self.release)
        labels = {part: names.dimension(part, lang) for part in parts(self.dimension)}
        for part in parts(self.dimension):
            labels |= {group: names.group(part, group, lang) for group in self.split[part].unique()}
        row = self.cells.iloc[0]
        told = (names.indicator(self.indicator, lang), names.area(row["area"], lang), when(row["period"]))
        unit = None if bare else Unit.of(self.meta.iloc[0].to_dict(), self.cells["estimate"].dropna())
        return ResultWords.of(self.release, self.indicator, told, labels, unit, lang)


def newest(cells: pd.DataFrame, period: str | None, indicator: str) -> str:
    """The period asked for, else the newest that has numbers."""
    there = sorted(cells.loc[cells["estimate"].notna(), "period"].unique()) or sorted(cells["period"].unique())
    if not there:
        said = f"the release has no rows of {indicator!r} for these areas; its areas are in release.areas"
        raise LackError("areas", said)
    return choice.only(period or str(there[-1]), sorted(set(cells["period"])), "period")


def alike(cells: pd.DataFrame, areas: str | Sequence[str] | None) -> list[str]:
    """Areas of one kind: those named, else all counties, else all of the most common kind below the country."""
    if areas is not None and not isinstance(areas, str) and len(list(areas)) > 1:
        return list(areas)
    return choice.comparable(cells)
