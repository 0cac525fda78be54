"""Areas of one kind compared, one number each; their short names, their places on the map, their boundaries."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from hyteanalysis import areas as areal
from hyteanalysis import places
from hyteanalysis.disclosure import Release, only_release
from hyteanalysis.errors import LackError, one_of
from hyteanalysis.figures.kit import words
from hyteanalysis.figures.kit.choice import comparable, only
from hyteanalysis.findings.contrasts import WHOLE
from hyteanalysis.findings.lookup import gaps_of, names_of
from hyteanalysis.i18n import Names, Unit, formats, integer, text, when
from hyteanalysis.uncertainty import cell_errors, cell_limits, quantile

if TYPE_CHECKING:
    from hyteanalysis.disclosure import Release


@dataclass(frozen=True)
class Regions:
    """Areas compared, the weakest first.

    Attributes
    ----------
    table : DataFrame
        Tidy rows with ``measure`` (``level`` of the whole population, or ``D``) and ``se``; those without a number
        last.
    benchmark : DataFrame
        The whole country's row, if there is one.
    own : str or None
        The area that is the reader's own.
    gap : bool
        Whether the number is a gap between groups rather than a level.
    """

    table: pd.DataFrame
    benchmark: pd.DataFrame
    own: str | None
    gap: bool
    indicator: str
    dimension: str
    period: str
    favourable: bool
    unit: Unit
    names: Names

    @property
    def there(self) -> pd.DataFrame:
        """Areas with a number."""
        return self.table[self.table["estimate"].notna()]

    def written(self, value: float, lang: str) -> str:
        """A number with its unit."""
        return self.unit.difference(value, lang) if self.gap else self.unit.level(value, lang)

    def measure(self, lang: str) -> str:
        """The unit of the axis."""
        return self.unit.gap_measure(lang) if self.gap else self.unit.measure(lang)

    def title(self, lang: str) -> str:
        """Which ranks the own area may have, all comparisons at once; else how far the areas range."""
        rows = self.there.reset_index(drop=True)
        title = self.names.indicator(self.indicator, lang)
        if self.own is None or self.own not in set(rows["area"]):
            low, high = rows["estimate"].min(), rows["estimate"].max()
            kind = "gap" if self.gap else "level"
            return text(f"figure.regions.range_{kind}", lang, title=title, range=self.unit.interval(low, high, lang))
        low, high = self.ranks()
        same = high - low
        how = "unknown" if rows["se"].isna().any() else "alike" if same else "none"
        return text(
            f"figure.regions.rank_{'gap' if self.gap else 'level'}_{how}",
            lang,
            title=title,
            area=self.names.area(self.own, lang),
            ranks=str(low) if not same else f"{low}{formats.DASH}{high}",
            number=str(len(rows)),
            same=integer(same, lang),
        )

    def ranks(self) -> tuple[int, int]:
        """First and last rank that the own area may have: those clearly apart from it stand outside.

        All comparisons with the own area hold at once with 95 % (Bonferroni). Where an error is not known, the ranks
        by the figures alone, which equal ones share.
        """
        rows, own = self.there, self.there["area"] == self.own
        behind = rows["estimate"] - float(rows.loc[own, "estimate"].iloc[0])
        behind = behind if self.gap or not self.favourable else -behind
        half = self.together(1) * np.hypot(rows["se"], float(rows.loc[own, "se"].iloc[0]))
        half = half * 0 if rows["se"].isna().any() else half
        half = half.fillna(0.0)
        return 1 + int((behind > half)[~own].sum()), len(rows) - int((behind < -half)[~own].sum())

    def together(self, others: int = 0) -> float:
        """The quantile by which as many comparisons as there are areas, but for ``others``, hold at once with 95 %."""
        return float(quantile(1 - 0.05 / max(len(self.there) - others, 1)))

    def subtitle(self, lang: str) -> list[str]:
        """Parts of the line under the title."""
        counties = all(areal.level(area) == "county" for area in self.table["area"])
        kind = text("area.counties", lang) if counties else ""
        if not self.gap:
            return [self.names.group("total", "total", lang), kind, when(self.period), self.measure(lang)]
        grouping = text("figure.grouping", lang, dimension=self.names.dimension(self.dimension, lang))
        return [text("figure.regions.gap", lang), grouping, kind, when(self.period), self.measure(lang)]

    def states(self) -> tuple[str, ...]:
        """States of the areas shown."""
        found = set(self.table["status"]) & {"suppressed", "missing", "uncertain"}
        if self.gap and (self.there["estimate"] < -self.together() * self.there["se"]).any():
            found.add("reversed")
        return tuple(sorted(found))

    def notes(self, lang: str) -> tuple[str, ...]:
        """Areas without a plain number, by name."""
        said = []
        for status in ("suppressed", "missing", "uncertain"):
            named = [self.names.area(area, lang) for area in self.table.loc[self.table["status"] == status, "area"]]
            if named:
                said.append(text(f"finding.state.{status}", lang, groups="; ".join(named)))
        return tuple(said)


def compare(
    release: Release,
    *,
    indicator: str | None,
    dimension: str | None,
    areas: str | Sequence[str] | None,
    period: str | None,
) -> Regions:
    """Numbers of areas of one kind.

    ``dimension`` None or ``total`` takes the level of the whole population, another the gap between its groups. One
    area stands for all of its kind, itself marked as the reader's own; None for the counties, else for the most common
    kind below the country.
    """
    indicator = only(indicator, only_release(release).indicators["indicator"].tolist(), "indicator")
    gap = dimension not in (None, "total")
    cells = release.select(indicator=indicator, dimension=dimension if gap else "total")
    if cells.empty:
        if gap:
            one_of(dimension, sorted(set(release.select(indicator=indicator)["dimension"])), "dimension")
        raise LackError("totals", f"the release has no totals of {indicator!r}: name a dimension, to compare gaps")
    own = areas if isinstance(areas, str) else None
    chosen = _alike(cells, own) if areas is None or own else list(areas)
    rows = cells[cells["area"].isin(chosen)]
    if rows.empty:
        named = ", ".join(chosen[:10]) or "areas of one kind"
        raise LackError(
            "areas" if own or areas is None else "numbers", f"the release has no rows of {indicator!r} for {named}"
        )
    periods = sorted(rows["period"].unique())
    newest = sorted(
        rows.loc[rows["estimate"].notna(), "period"].unique() if rows["estimate"].notna().any() else periods
    )
    if period and period not in periods:
        raise LackError(
            "numbers", f"the release has no rows of {indicator!r} in {period!r}; it has {', '.join(periods)}"
        )
    period = str(period or newest[-1])
    meta = release.indicators[release.indicators["indicator"] == indicator]
    known = meta.iloc[0].to_dict()
    now = cells[cells["period"] == period]
    numbers = _gaps(now, release) if gap else _levels(now, known)
    weakness = numbers["estimate"] * (1 if gap or not known["favourable"] else -1)
    numbers = (
        numbers.assign(_weak=weakness).sort_values(["_weak", "area"], ascending=[False, True]).drop(columns="_weak")
    )
    shown = numbers[numbers["area"].isin(chosen)].reset_index(drop=True)
    benchmark = numbers[(numbers["area"] == WHOLE) & ~numbers["area"].isin(chosen) & numbers["estimate"].notna()]
    if shown["estimate"].isna().all():
        raise LackError("numbers", f"the release shows no numbers of {indicator!r} in {period} for any of the areas")
    if len(shown) + len(benchmark) < 2:
        raise LackError("areas", f"the release has numbers of {indicator!r} for one area only: nothing to compare")
    return Regions(
        table=shown,
        benchmark=benchmark,
        own=own,
        gap=gap,
        indicator=indicator,
        dimension=dimension if gap and dimension else "total",
        period=period,
        favourable=bool(known["favourable"]),
        unit=Unit.of(known, shown["estimate"].dropna()),
        names=names_of(release, *([own] if own else [])),
    )


def _alike(cells: pd.DataFrame, own: str | None) -> list[str]:
    """Areas of the same kind as ``own``."""
    if own is None or areal.level(own) == "country":
        return comparable(cells)
    return [area for area in sorted(set(cells["area"])) if areal.level(area) == areal.level(own)]


def _levels(now: pd.DataFrame, meta: dict[str, object]) -> pd.DataFrame:
    """Totals with their standard errors and limits."""
    scale = float(str(meta["scale"]))
    lower, upper = cell_limits(now, str(meta["kind"]), scale)
    return now.assign(measure="level", lower=lower, upper=upper, se=cell_errors(now, str(meta["kind"]), scale).se)


def _gaps(now: pd.DataFrame, release: Release) -> pd.DataFrame:
    """The difference of each area, and why there is none."""
    found = gaps_of(release, now, ["D"])
    hidden = now.groupby("area")["status"].agg(
        lambda status: "suppressed" if "suppressed" in set(status) else "missing"
    )
    status = found["area"].map(hidden).where(found["estimate"].isna(), "ok")
    keep = ["indicator", "area", "period", "dimension", "measure", "estimate", "se", "lower", "upper"]
    return found[keep].assign(group="", status=status)


# column and row (from the north) of each county, Helsinki and Åland
TILES = {
    "HVA21": (3, 0),
    "HVA19": (3, 1),
    "HVA20": (4, 1),
    "HVA17": (1, 2),
    "HVA18": (2, 2),
    "HVA13": (4, 2),
    "HVA14": (5, 2),
    "HVA16": (1, 3),
    "HVA15": (3, 3),
    "HVA12": (4, 3),
    "HVA06": (0, 4),
    "HVA08": (1, 4),
    "HVA07": (2, 4),
    "HVA09": (3, 4),
    "HVA10": (4, 4),
    "HVA11": (5, 4),
    "HVA05": (0, 5),
    "HVA03": (1, 5),
    "HVA02": (2, 5),
    "HVA04": (3, 5),
    "HVA01": (4, 5),
    "HVA91": (0, 6),
    "HVA90": (2, 6),
}


def short_name(area: str, names: Names, lang: str) -> str:
    """A county without the words "wellbeing services county"; any other area by its name."""
    return text(f"area.short.{area}", lang) if area in TILES else names.area(area, lang)


def boundaries(codes: list[str]) -> Any:
    """Fetched boundaries of all these areas in EPSG:3067, or None."""
    levels = {areal.level(code) for code in codes}
    if len(levels) != 1:
        return None
    level = levels.pop()
    for file in (places.fetched("boundaries", f"{level}.parquet"), places.fetched("boundaries", f"{level}.gpkg")):
        if file.is_file():
            import geopandas

            read = geopandas.read_parquet if file.suffix == ".parquet" else geopandas.read_file
            shapes = read(file)
            if "area" in shapes and set(codes) <= set(shapes["area"]):
                return shapes[shapes["area"].isin(codes)].to_crs(3067)
    return None


NAMED = 3  # areas of equal figures that are named
COLUMNS = ("area", "period", "estimate", "lower", "upper", "population", "respondents", "status")


def alternative(found: Regions, kind: str, lang: str) -> words.Alternative:
    """The text alternative of a figure of areas."""
    rows = found.there

    def write(short: Any) -> str:
        title = short(found.names.indicator(found.indicator, lang))
        said = [text(f"figure.alt.{kind}", lang, title=title, period=found.period, number=str(len(rows)))]
        if len(rows):
            level = {"high": rows["estimate"].max(), "low": rows["estimate"].min()}
            named = {
                name: [short(found.names.area(area, lang)) for area in rows.loc[rows["estimate"] == value, "area"]]
                for name, value in level.items()
            }
            said.append(
                text(
                    "figure.alt.extremes",
                    lang,
                    highest=_few(named["high"], lang),
                    high=found.written(level["high"], lang),
                    lowest=_few(named["low"], lang),
                    low=found.written(level["low"], lang),
                )
            )
        return " ".join(said)

    return write


def _few(labels: list[str], lang: str) -> str:
    """Areas of equal figures by name; of many, how many there are."""
    return "; ".join(labels) if len(labels) <= NAMED else text("figure.areas", lang, number=integer(len(labels), lang))
