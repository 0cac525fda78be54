"""Matrix of all indicators: the groups' levels, the gap, its change and how far to trust them, one row an indicator."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.collections import PolyCollection

from hyteanalysis.disclosure import Release, only_release
from hyteanalysis.errors import LackError
from hyteanalysis.figures.kit import choice, style
from hyteanalysis.figures.kit.bundle import Caption, FigureBundle
from hyteanalysis.figures.kit.registry import figure
from hyteanalysis.figures.kit.sheet import MARGIN, Entry, Sheet, draw_legend, legend_height, line_height, points
from hyteanalysis.figures.kit.topics import by_theme
from hyteanalysis.findings import Finding, findings
from hyteanalysis.findings.selection import DISCOVERIES, discovered, times
from hyteanalysis.findings.sentences import state_text
from hyteanalysis.i18n import integer, spoken, text
from hyteanalysis.uncertainty import cell_errors, discovery, part_against_whole, two_sided

NARROW = 11.0  # cm: below this an indicator's name stands above its row
ROW = 0.62  # cm
TINTS = {"weaker": "#F8DCC9", "better": "#D3E6F3"}
SYMBOLS = {"weaker": "▲", "better": "▼", "same": "=", "uncertain": "?", "suppressed": "..", "missing": "–"}
MOVES = {"narrowed": "▼", "widened": "▲", "reversed": "⇄", "no_clear_change": "=", "unknown": "?", "none": "–"}
GRADES = {"good": "●●●", "moderate": "●●○", "weak": "●○○", "unknown": "?"}


@dataclass(frozen=True)
class Cell:
    """What one square says: words, tint, and the number drawn."""

    words: str
    tint: str = "white"
    value: float = float("nan")


@figure("matrix", of="release", needs=("indicators",))
@spoken
def matrix(
    release: Release,
    *,
    indicator: str | Sequence[str] | None = None,
    dimension: str | None = None,
    areas: str | Sequence[str] | None = None,
    period: str | None = None,
    lang: str = "fi",
    width: float = 16.0,
) -> FigureBundle:
    """In which matters are the gaps of an area, and which groups do worse or better than its whole population?

    Parameters
    ----------
    release : Release
    indicator : str or list of str, optional
        All of the release by default, in its order; with a column ``theme`` in their metadata, by theme.
    dimension : str
        Need not be named where the release holds only one.
    areas : str, optional
        One area; of a list the first. By default the first of the highest level.
    period : str, optional
        The newest of each indicator by default.
    lang : {"fi", "sv", "en"}
    width : float
        cm.

    Returns
    -------
    FigureBundle
        Symbols: ▲ weaker and ▼ better than the area's whole population, by the interval of that difference, which
        reckons with the group being part of it; = no clear difference; ? uncertain; .. suppressed.

    Raises
    ------
    HyteError
        For unknown ids, or an area without rows by this dimension.

    Notes
    -----
    Symbols and the gaps counted in the title are held to 5 % false ones expected among all that are shown
    (Benjamini–Hochberg).
    """
    known = by_theme(only_release(release).indicators)
    chosen = [indicator] if isinstance(indicator, str) else list(indicator or known)
    cells = release.select(indicator=chosen)
    dimension = choice.only(dimension, sorted(set(cells["dimension"].unique()) - {"total"}), "dimension")
    area = choice.areas_to_show(cells[cells["dimension"] == dimension], areas)[0]
    found = findings(release, indicators=chosen, area=area, dimension=dimension, period=period)
    if not found:
        raise LackError("numbers", f"the release has no rows by {dimension!r} for {area}")
    names, place = found[0].names, found[0].names.area(area, lang)
    told = {one.shown_area for one in found}
    if len(told) == 1:
        place = names.area(found[0].shown_area, lang)
    # what the title counts is of the area it names
    counted = [one for one in found if one.shown_area == (area if len(told) > 1 else found[0].shown_area)]
    sure = discovered({("gap", one.indicator): one.difference for one in found})
    sure |= discovered({("change", one.indicator): one.change for one in found})
    clear = [one for one in counted if ("gap", one.indicator) in sure]
    totals = release.select(indicator=chosen, dimension="total", area=[one.shown_area for one in found])
    table = _rows_of(found, totals, release.indicators)
    title = text("figure.matrix.title", lang, area=place, clear=str(len(clear)), number=integer(len(counted), lang))
    periods = sorted({one.period for one in found})
    subtitle = [
        text("figure.grouping", lang, dimension=names.dimension(dimension, lang)),
        "–".join(dict.fromkeys([periods[0], periods[-1]])),
        text("figure.matrix.subtitle", lang),
    ]
    caption = Caption.of("matrix", release, None, title=title, subtitle=subtitle, lang=lang)
    drawing = _MatrixSheet(found, table, sure, width, lang)
    with style.context():
        sheet = drawing.drawn(**caption.around)

    def alternative(short: Any) -> str:
        said = [text("figure.alt.matrix", lang, area=short(place), number=str(len(found)))]
        said += [
            text("figure.alt.matrix_largest", lang, title=short(one.names.indicator(one.indicator, lang)))
            for one in sorted(clear, key=times)[::-1][:1]
        ]
        return " ".join([*said, title.split(": ", 1)[-1].capitalize() + "."])

    return caption.bundle(
        sheet,
        table,
        _readable(found, table, sure, lang),
        dict.fromkeys((text(f"table.{c}", lang) for c in ("figure", "lower", "upper")), "#,##0.0"),
        alternative=alternative,
        plotted=drawing.plotted,
        notes=tuple(f"* {state_text(one, 'fallback', lang)}" for one in found if "fallback" in one.states)[:1],
        states=tuple(sorted({state for one in found for state in one.states} - {"no_data"})),
    )


def _apart(one: Finding, sure: set[tuple[str, str]]) -> str:
    """The verdict on a gap among all that are shown."""
    verdict = one.difference.verdict if one.difference is not None else "unknown"
    return verdict if verdict == "unknown" or ("gap", one.indicator) in sure else "no_clear_difference"


def _moved(one: Finding, sure: set[tuple[str, str]]) -> str:
    """The verdict on a change among all that are shown."""
    verdict = one.change.verdict if one.change is not None else "none"
    return verdict if verdict in ("none", "unknown") or ("change", one.indicator) in sure else "no_clear_change"


class _MatrixSheet:
    """The sheet of one matrix; where its squares would be too small, name and gap stand above a row of groups.

    Of many groups each row has the two that its gap compares, by name, and counts the others.
    """

    def __init__(
        self, found: list[Finding], table: pd.DataFrame, sure: set[tuple[str, str]], width: float, lang: str
    ) -> None:
        self.found, self.sure, self.width, self.lang = found, sure, width, lang
        levels = table[table["measure"] == "level"].to_dict("records")
        self.levels = {(row["indicator"], row["group"]): row for row in levels}
        self.groups = list(dict.fromkeys(group for one in found for group in one.groups["group"]))
        self.many = len(self.groups) > choice.MOST
        self.rows = [[self._level(one, group) for group in (_pair(one) if self.many else self.groups)] for one in found]
        self.more = [self._gap(one) for one in found]
        self.left, self.columns = 0.3 * width, len(self.rows[0]) + 3
        widest = max(style.text_width(cell.words) for row in (*self.rows, *self.more) for cell in row)
        self.stacked = self.many or width < NARROW or widest > points(self._wide() - 0.15)
        if self.stacked:
            self.left, self.columns = MARGIN, len(self.rows[0])
        self.plotted: list[float] = []

    def _wide(self) -> float:
        return (self.width - self.left - MARGIN) / self.columns

    def _heads(self) -> list[str]:
        first = self.found[0]
        groups = [first.names.group(first.dimension, group, self.lang) for group in self.groups]
        groups = ["", ""] if self.many else groups  # each row names its own
        return [*groups, *(text(f"table.{name}", self.lang) for name in ("difference", "change", "reliability"))]

    def _gap(self, one: Finding) -> list[Cell]:
        """Gap, change and reliability."""
        gap, moved = one.difference, _moved(one, self.sure)
        shown = Cell(SYMBOLS["missing"])
        if gap is not None:
            mark = {"worse": "▲", "reversed": "⇄", "no_clear_difference": "=", "unknown": ""}[_apart(one, self.sure)]
            shown = Cell(f"{one.unit.number(gap.estimate, self.lang)} {mark}".strip(), "white", gap.estimate)
        return [shown, Cell(MOVES[moved]), Cell(GRADES[one.reliability.grade])]

    def _level(self, one: Finding, group: str) -> Cell:
        row = self.levels.get((one.indicator, group))
        if row is None:
            return Cell(SYMBOLS["missing"])
        if pd.isna(row["estimate"]):
            return Cell(SYMBOLS.get(row["status"], SYMBOLS["missing"]))
        against = "uncertain" if row["status"] == "uncertain" else row["against"]
        said = f"{one.unit.number(row['estimate'], self.lang)} {SYMBOLS.get(against, '')}".strip()
        return Cell(said, TINTS.get(against, "white"), float(row["estimate"]))

    def _name(self, one: Finding, more: list[Cell]) -> list[tuple[str, str]]:
        """An indicator's name and unit; above a row of groups also its gap, change and reliability."""
        unit = one.unit.measure(self.lang)
        said = one.names.indicator(one.indicator, self.lang) + (f", {unit}" if unit else "")
        said += " *" if "fallback" in one.states else ""
        if not self.stacked:
            return [(line, "normal") for line in style.wrap(said, points(self.left - 2 * MARGIN))]
        room = points(self.width - 2 * MARGIN)
        told = " · ".join(f"{head} {cell.words}" for head, cell in zip(self._heads()[-3:], more, strict=True))
        bold = [(line, "bold") for line in style.wrap(said, room, weight="bold")]
        compared = [self._compared(one)] if self.many else []
        return [*bold, *((line, "normal") for words in (told, *compared) for line in style.wrap(words, room))]

    def _compared(self, one: Finding) -> str:
        """The two groups whose squares follow, and how many others there are at what levels."""
        pair = _pair(one)
        named = [one.names.group(one.dimension, group, self.lang) for group in pair if group]
        rest = one.groups.loc[~one.groups["group"].isin(pair)]
        levels = rest["estimate"].dropna()
        said = text("figure.rest", self.lang, number=str(len(rest)))
        if len(levels):
            said += " " + one.unit.interval(levels.min(), levels.max(), self.lang)
        return " · ".join([" – ".join(named), said] if named else [said])

    def drawn(self, **around: str) -> Sheet:
        """The finished sheet."""
        wide, line = self._wide(), line_height(style.SIZE)
        heads = [style.wrap(head, points(wide - 0.08), weight="bold") for head in self._heads()[: self.columns]]
        head = max(len(lines) for lines in heads) * line + 0.2
        labels = [self._name(one, more) for one, more in zip(self.found, self.more, strict=True)]
        heights = [
            len(lines) * line + ROW + 0.16 if self.stacked else max(ROW, len(lines) * line + 0.12) for lines in labels
        ]
        entries = self._entries()
        key = legend_height(entries, self.width)
        sheet = Sheet(self.width, key + 0.25 + head + sum(heights) + 0.1, **around)
        draw_legend(sheet, entries, sheet.body_height)
        axes = sheet.axes(0, 0, self.width, sheet.body_height)
        axes.set(xlim=(0, self.width), ylim=(0, sheet.body_height))
        axes.set_axis_off()
        places: list[tuple[float, float, float, float]] = []
        tints: list[Any] = []
        y = 0.1 + sum(heights)
        for k, lines in enumerate(heads):
            for i, said in enumerate(lines):
                spot = (self.left + (k + 0.5) * wide, y + 0.1 + (len(lines) - 1 - i) * line)
                axes.text(*spot, said, ha="center", va="bottom", fontsize=style.SIZE, fontweight="bold")
        for row, more, label, height in zip(self.rows, self.more, labels, heights, strict=True):
            squares = ROW if self.stacked else height - 0.08
            bottom = y - height + 0.04
            top = y - 0.08 if self.stacked else bottom + squares / 2 + len(label) * line / 2
            for i, (said, weight) in enumerate(label):
                axes.text(MARGIN, top - i * line, said, va="top", fontsize=style.SIZE, fontweight=weight)
            for k, cell in enumerate([*row, *more][: self.columns]):
                x = self.left + k * wide + 0.03
                places.append((x, bottom, x + wide - 0.06, bottom + squares))
                tints.append(cell.tint)
                middle = (x + wide / 2 - 0.03, bottom + squares / 2)
                axes.text(*middle, cell.words, ha="center", va="center_baseline", fontsize=style.SIZE)
            self.plotted += [cell.value for cell in (*row, *more)]
            y -= height
        corners = [[(left, low), (right, low), (right, high), (left, high)] for left, low, right, high in places]
        grid = PolyCollection(corners, facecolors=tints, edgecolors=style.GRID, linewidths=0.9)
        axes.add_collection(grid, autolim=False)  # all at once: hundreds of patches are slow
        return sheet

    def _entries(self) -> list[Entry]:
        """Every symbol in words."""
        none: dict[str, Any] = {"linestyle": "none", "marker": "none"}
        entries: list[Entry] = []
        for name in ("weaker", "better", "same"):
            look = {"marker": "s", "markersize": 9, "color": TINTS.get(name), "markeredgecolor": style.QUIET}
            said = f"{SYMBOLS[name]} {text(f'figure.matrix.{name}', self.lang)}"
            entries.append((said, {**look, "linestyle": "none"} if name in TINTS else none))
        statuses = {row["status"] for row in self.levels.values()}
        entries += [
            (f"{SYMBOLS[name]} {text(f'table.status.{name}', self.lang)}", none)
            for name in ("uncertain", "suppressed", "missing")
            if name in statuses
        ]
        moves = {_moved(one, self.sure) for one in self.found}
        moved = ", ".join(f"{MOVES[name]} {text(f'figure.move.{name}', self.lang)}" for name in MOVES if name in moves)
        grades = ", ".join(
            f"{GRADES[name]} {text(f'finding.reliability.{name}', self.lang)}" for name in ("good", "moderate", "weak")
        )
        entries.append((f"{text('table.change', self.lang)}: {moved}", none))
        entries.append((f"{text('table.reliability', self.lang)}: {grades}", none))
        return entries


def _pair(one: Finding) -> tuple[str, str]:
    """The two groups that the gap compares; empty where there is none."""
    return ("", "") if one.difference is None else one.difference.between


def _rows_of(found: list[Finding], totals: pd.DataFrame, indicators: pd.DataFrame) -> pd.DataFrame:
    """Of each indicator its groups, each ``against`` the whole population (weaker, better, same), and its gap."""
    keys = ["indicator", "area", "period"]
    meta = indicators.set_index("indicator")
    rows = pd.concat([one.groups for one in found], ignore_index=True).assign(measure="level")
    whole = totals[totals["estimate"].notna()].drop_duplicates(keys)
    both = rows[keys].merge(
        whole.assign(_se=_errors(whole, meta))[[*keys, "estimate", "_se", *(["population"] * ("population" in whole))]],
        on=keys,
        how="left",
        validate="many_to_one",
    )
    se, se_whole = _errors(rows, meta), both["_se"].to_numpy(dtype=float)
    share = np.zeros(len(rows))
    if "population" in rows and "population" in both:
        share = (rows["population"].to_numpy(dtype=float)) / both["population"].to_numpy(dtype=float)
    error = part_against_whole(se, se_whole, np.where(np.isfinite(share), np.minimum(share, 1.0), 0.0))
    direction = np.where(rows["indicator"].map(meta["favourable"]).to_numpy(dtype=bool), -1, 1)
    apart = (rows["estimate"].to_numpy(dtype=float) - both["estimate"].to_numpy(dtype=float)) * direction
    with np.errstate(divide="ignore", invalid="ignore"):
        p = np.where(error > 0, two_sided(apart / error), np.where(apart == 0, 1.0, np.nan))
    sure = (discovery(p) <= DISCOVERIES) & np.isfinite(p)
    said = np.where(~sure, "same", np.where(apart > 0, "weaker", "better"))
    rows["against"] = np.where(np.isfinite(p), said, "")
    gaps = pd.DataFrame([_gap(one) for one in found if one.difference is not None])
    order = {one.indicator: i for i, one in enumerate(found)}
    table = pd.concat([rows, gaps], ignore_index=True) if len(gaps) else rows
    return table.sort_values("indicator", key=lambda column: column.map(order), kind="stable", ignore_index=True)


def _errors(rows: pd.DataFrame, meta: pd.DataFrame) -> np.ndarray:
    """Standard errors of rows of many indicators."""
    kind, scale = (rows["indicator"].map(meta[name]) for name in ("kind", "scale"))
    return cell_errors(rows, kind.to_numpy(dtype=object), scale.to_numpy(dtype=float)).se


def _gap(one: Finding) -> dict[str, object]:
    assert one.difference is not None
    first = one.groups.iloc[0]
    return {
        **{key: first[key] for key in ("indicator", "area", "period", "dimension")},
        "group": " − ".join(one.difference.between),
        "estimate": one.difference.estimate,
        "lower": one.difference.lower,
        "upper": one.difference.upper,
        "status": "ok",
        "measure": "D",
        "against": "",
    }


def _readable(found: list[Finding], table: pd.DataFrame, sure: set[tuple[str, str]], lang: str) -> pd.DataFrame:
    """A row a group and a row a gap, with unit, comparison and change in words."""
    by_id = {one.indicator: one for one in found}
    lines = []
    for row in table.to_dict("records"):
        one = by_id[row["indicator"]]
        level = row["measure"] == "level"
        pair = row["group"].split(" − ")
        labels = [one.names.group(one.dimension, group, lang) for group in pair]
        verdict = _moved(one, sure)
        status = "" if row["status"] == "ok" else text(f"table.status.{row['status']}", lang)
        said = text(f"figure.matrix.{row['against']}", lang) if row["against"] else status
        lines.append(
            {
                text("table.indicator", lang): one.names.indicator(one.indicator, lang),
                text("table.group", lang): labels[0]
                if level
                else text("table.gap", lang, first=labels[0], second=labels[-1]),
                text("table.figure", lang): row["estimate"] * one.unit.factor,
                text("table.lower", lang): row.get("lower", np.nan) * one.unit.factor,
                text("table.upper", lang): row.get("upper", np.nan) * one.unit.factor,
                text("table.unit", lang): one.unit.measure(lang) if level else one.unit.gap_measure(lang),
                text("table.against", lang): said
                if level
                else text(f"figure.verdict.{_apart(one, sure)}", lang)
                if one.difference
                else "",
                text("table.change", lang): "" if level else text(f"figure.move.{verdict}", lang),
                text("table.reliability", lang): text(f"finding.reliability.{one.reliability.grade}", lang),
                text("table.status", lang): status,
            }
        )
    return pd.DataFrame(lines)
