"""What figures of an action share: the release behind it, its words, its table, the numbers of its gap."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from numpy.typing import NDArray

from hyteanalysis.disclosure import Release
from hyteanalysis.errors import DisclosureError
from hyteanalysis.figures.kit import style, words
from hyteanalysis.figures.kit.bundle import Caption, FigureBundle
from hyteanalysis.figures.kit.sheet import Sheet, value_axis
from hyteanalysis.i18n import Names, number, text, when, with_interval

# of hyteanalysis.actions, which is slow to import, functions take what they need: most pages draw none of its figures
if TYPE_CHECKING:
    from hyteanalysis.actions import Impact, Scenarios
    from hyteanalysis.actions.allocation import Gaps

NONE = 0.01  # percentage points of a gap below which it practically does not change
BUDGETS = 4  # whose ways of sharing are held of one impact
PEOPLE, POINTS, EUROS, PLAIN = "#,##0", "0.00", "#,##0", "0.000"


@dataclass(frozen=True)
class Estimate:
    """An impact that may be drawn.

    Attributes
    ----------
    impact, release, names, lang
    gaps : Gaps
        The groups between which its gap lies.
    """

    impact: "Impact"
    release: Release
    names: Names
    lang: str
    gaps: "Gaps"

    @classmethod
    def of(cls, impact: "Impact", lang: str) -> "Estimate":
        """Refuse an impact of raw cells: only what came through a release may be shown."""
        from hyteanalysis.actions import Impact
        from hyteanalysis.actions.allocation import Gaps

        if not isinstance(impact, Impact):
            raise DisclosureError(f"this figure takes an Impact, as hyte.impact(release, action) gives; not {impact!r}")
        if impact.baseline.release is None:
            raise DisclosureError(
                "This impact was made from raw cells, which may hold unsafe numbers. Make a release of them "
                "(hyte.release), and the impact from it: hyte.impact(release, action)."
            )
        return cls(impact, impact.baseline.release, impact.baseline.names, lang, Gaps.of(impact))

    def group(self, group: str) -> str:
        """A group's label."""
        return self.names.group(self.impact.action.dimension, group, self.lang)

    def places(self) -> str:
        """The area, or how many areas."""
        areas = self.impact.by_group["area"].unique()
        if len(areas) == 1:
            return self.names.area(areas[0], self.lang)
        return text("figure.areas", self.lang, number=number(len(areas), self.lang, 0))

    def caption(self, kind: str, *, title: str, measure: str) -> Caption:
        """Of a kind of figure that counts ``measure``: of which action, where, when."""
        impact = self.impact
        subtitle = [
            measure,
            impact.action.label(self.lang),
            self.names.indicator(impact.action.outcome, self.lang),
            self.places(),
            when(impact.baseline.period),
            text("figure.simulated", self.lang),
        ]
        return Caption.of(
            kind, self.release, impact.action.outcome, title=title, subtitle=subtitle, lang=self.lang, limits="estimate"
        )

    def bundle(
        self,
        caption: Caption,
        sheet: Sheet,
        table: pd.DataFrame,
        readable: pd.DataFrame,
        number_format: Mapping[str, str],
        *,
        alternative: words.Alternative,
        plotted: list[float],
        notes: tuple[str, ...] = (),
    ) -> FigureBundle:
        """The figure with its words; every figure of an action says that it is an estimate."""
        about = () if caption.kind == "bars" else self.about_the_gap()
        told = dict.fromkeys((*self.impact.notes(self.lang), *about, *notes))
        return caption.bundle(
            sheet, table, readable, number_format, alternative=alternative, plotted=plotted, notes=told,
            states=("estimate",),
        )  # fmt: skip

    def change_of_gap(self) -> tuple[float, NDArray[Any]]:
        """Change of the gap in percentage points, below 0 where it narrows: at the values, and in each draw."""
        pooled = self.impact.pooled.set_index("group")
        fall = pooled["baseline"] - pooled["after"]
        people = pooled["population"]
        order = self.impact.simulation.groups["group"].tolist()
        rows = [order.index(self.gaps.worst), order.index(self.gaps.best)]
        worst, best = (
            self.impact.summary.helped[row] / people[group]
            for row, group in zip(rows, (self.gaps.worst, self.gaps.best), strict=True)
        )
        turn = 100 * self.gaps.direction
        return turn * float(fall[self.gaps.best] - fall[self.gaps.worst]), turn * (best - worst)

    def about_the_gap(self) -> tuple[str, ...]:
        """What a reader must know of a gap that is reversed, or not clear."""
        if not self.gaps.clear:
            return (text("figure.note.unclear_gap", self.lang),)
        if self.gaps.direction < 0:
            return (text("figure.note.reversed_gap", self.lang, group=self.group(self.gaps.best)),)
        return ()

    def verdict(self, lower: float, upper: float) -> str:
        """Words of a change of the gap, only where the gap itself and the change's interval allow them."""
        if max(abs(lower), abs(upper)) < NONE:
            return "none"
        if not self.gaps.clear or lower <= 0 <= upper:
            return "unclear"
        return "narrows" if upper < 0 else "widens"


def headings(table: pd.DataFrame, columns: Mapping[str, str | None], lang: str) -> tuple[pd.DataFrame, dict[str, str]]:
    """Chosen columns under headings of the language, and the number formats of those that have one."""
    named = {column: text(f"figure.column.{column}", lang) for column in columns}
    shown = table[list(columns)].rename(columns=named)
    return shown, {named[column]: pattern for column, pattern in columns.items() if pattern is not None}


def span(values: NDArray[Any]) -> tuple[float, float]:
    """95 % limits of draws."""
    from hyteanalysis.actions.summary import limits

    low, high = limits(np.array(values, dtype=float))
    return float(low), float(high)


def simulated(value: float, low: float, high: float, lang: str, decimals: int = 0) -> str:
    """``110 (60–170)``; simulated people are rounded to tens, few of them told to a tenth."""
    if decimals == 0:
        from hyteanalysis.actions.sentences import people_interval, people_text

        return f"{people_text(value, lang)} ({people_interval(value, low, high, lang)})"
    return with_interval(value, low, high, lang, decimals)


def gap_text(value: float, low: float, high: float, lang: str) -> str:
    """A change of the gap in percentage points, as fine as it must be to be seen; in words where it is none."""
    if max(abs(low), abs(high)) < NONE:
        return text("figure.gap_moves.none", lang)
    nearest = min(abs(low), abs(high)) if low > 0 or high < 0 else abs(value)
    return with_interval(value, low, high, lang, 2 if nearest >= NONE / 2 else 3)


def decision_axes(axes: Axes, lang: str, width: float) -> None:
    """Axes of people helped against the change of the gap; upwards it narrows."""
    value_axis(axes, lang, along="x", ticks=4 if width < 11 else 6)
    value_axis(axes, lang, along="y", ticks=5)
    axes.invert_yaxis()
    for side in ("left", "bottom"):
        axes.spines[side].set_visible(True)
    axes.grid(axis="x", color=style.GRID, linewidth=0.8)
    axes.set_xlabel(text("figure.column.averted", lang), fontsize=style.SIZE, loc="right", labelpad=1)
    axes.set_ylabel(text("figure.column.gap_change", lang), fontsize=style.SIZE, labelpad=2)


SWAPPED = {"gap_change_lower": "gap_change_upper", "gap_change_upper": "gap_change_lower"}
ASIDE = ("optimal", "today")  # no plain ways: a calculation, and what is


def scenarios_in_detail(impact: "Impact", budget: float) -> "Scenarios":
    """The ways of sharing a budget, solved once for an impact and a budget."""
    from hyteanalysis.actions import Scenarios, scenarios

    def solved() -> "Scenarios":
        found = scenarios(impact, budget=budget, detail=True)
        assert isinstance(found, Scenarios)
        return found

    return impact.memory.once("scenarios", budget, solved, most=BUDGETS)


def scenario_table(estimate: Estimate, found: "Scenarios") -> pd.DataFrame:
    """One row a way, always in the same order.

    ``kind, option, cost, reached, averted, cost_per_case, gap_change`` (percentage points, below 0 where it narrows)
    with limits, and ``verdict``: ``narrows, widens, unclear, none``.
    """
    frame = found.frame.rename(columns={"scenario": "option"}).assign(kind="option")
    for end in ("", "_lower", "_upper"):
        frame[f"gap_change{end}"] = 100 * estimate.gaps.direction * frame[f"absolute_gap_change{end}"]
    if estimate.gaps.direction < 0:
        frame = frame.rename(columns=SWAPPED)
    kept = ["kind", "option", "cost", "reached", "averted", "averted_lower", "averted_upper", "cost_per_case"]
    frame = frame[[*kept, "gap_change", "gap_change_lower", "gap_change_upper"]]
    return frame.assign(
        verdict=[estimate.verdict(row.gap_change_lower, row.gap_change_upper) for row in frame.itertuples()]
    )


def narrowest_scenario(ways: pd.DataFrame, found: "Scenarios") -> str | None:
    """The way that narrows the gap most, where that is clear against every plain other; None where it is not."""
    plain = ways[~ways["option"].isin(ASIDE)]
    best = plain.loc[plain["gap_change"].idxmin()]
    if (plain["gap_change"].round(2) == round(best["gap_change"], 2)).sum() > 1:
        return None  # a tie, as it is shown
    pairs = found.differences[found.differences["outcome"] == "absolute_gap"]
    others = set(plain["option"]) - {best["option"]}
    against = pairs[
        ((pairs["scenario"] == best["option"]) & pairs["other"].isin(others))
        | ((pairs["other"] == best["option"]) & pairs["scenario"].isin(others))
    ]
    return str(best["option"]) if best["verdict"] == "narrows" and against["clear"].all() else None
