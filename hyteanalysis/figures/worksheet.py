"""The sheet of a value discussion on one page: four steps from joys and worries to goals."""

from typing import TYPE_CHECKING

import pandas as pd
from matplotlib.patches import Rectangle

from hyteanalysis.disclosure import Release, only_release
from hyteanalysis.figures.kit import choice, style
from hyteanalysis.figures.kit.bundle import Caption, FigureBundle
from hyteanalysis.figures.kit.registry import figure
from hyteanalysis.figures.kit.sheet import MARGIN, Sheet, line_height, points
from hyteanalysis.findings import Finding
from hyteanalysis.findings.sentences import about
from hyteanalysis.i18n import spoken, text

if TYPE_CHECKING:
    from hyteanalysis.plan import Plan
    from hyteanalysis.plan.deliberation import Worksheet

NARROW = 14.0  # cm: below this the steps stand one above the other
ROOM = 2.2  # cm to write in below each step
GAP = 0.3  # cm between steps
SHARES = (0.25, 0.33, 0.22, 0.20)  # of the width


@figure(
    "worksheet",
    of="plan",
    needs=(
        "one area",
        "indicators",
    ),
)
@spoken
def worksheet(
    release: Release,
    *,
    plan: "Plan | None" = None,
    dimension: str | None = None,
    areas: str | None = None,
    deliberation: str | None = None,
    lang: str = "fi",
    width: float = 25.0,
) -> FigureBundle:
    """What does a working group weigh: joys and worries, what the indicators say, priorities, goals?

    Parameters
    ----------
    release : Release
    plan : Plan, optional
        Fills in its record and the findings it refers to.
    dimension : str, optional
        Grouping of the matters checked; need not be named where the release holds only one.
    areas : str, optional
        By default the plan's area, else the first of the highest level.
    deliberation : str, optional
        Id of the record; the plan's newest by default.
    lang : {"fi", "sv", "en"}
    width : float
        cm; the default is a landscape A4 sheet.

    Returns
    -------
    FigureBundle
        ``table`` has the numbers of the indicator check, one row a matter.
    """
    from hyteanalysis.plan.deliberation import worksheet as prepared  # plans are slow to import

    cells = only_release(release).select(dimension=dimension) if dimension else release.cells
    dimension = choice.only(dimension, sorted(set(cells["dimension"]) - {"total"}), "dimension")
    area = areas or (plan.area if plan else choice.areas_to_show(cells[cells["dimension"] == dimension], None)[0])
    discussion = prepared(release, area=area, dimension=dimension, plan=plan, deliberation=deliberation)
    names = discussion.findings[0].names if discussion.findings else None
    place = names.area(area, lang) if names else area
    title = text("plan.sheet.title", lang)
    subtitle = [place, text("plan.sheet.subtitle", lang)]
    caption = Caption.of("worksheet", release, None, title=title, subtitle=subtitle, lang=lang)
    with style.context():
        sheet = _drawn(discussion, width, lang, **caption.around)
    return caption.bundle(
        sheet,
        discussion.table,
        _readable(discussion, lang),
        {
            text("table.difference", lang): "#,##0.0",
            text("table.lower", lang): "#,##0.0",
            text("table.upper", lang): "#,##0.0",
            text("plan.sheet.people", lang): "#,##0",
        },
        alternative=lambda short: text(
            "figure.alt.worksheet", lang, area=short(place), number=str(len(discussion.table))
        ),
        plotted=discussion.table["difference"],
    )


def _drawn(discussion: "Worksheet", width: float, lang: str, **around: str) -> Sheet:
    """The four steps side by side, or one above the other on a narrow sheet."""
    beside = width >= NARROW
    room = width - 2 * MARGIN - (3 * GAP if beside else 0)
    widths = [share * room if beside else room for share in SHARES]
    line = line_height(style.SIZE)
    boxes = [
        _box(step, *said, points(wide - 0.4))
        for step, (said, wide) in enumerate(zip(discussion.sections(lang), widths, strict=True), 1)
    ]
    heights = [sum(line if one else 0.5 * line for one, _ in said) + 0.4 + ROOM for said in boxes]
    body = max(heights) if beside else sum(heights) + GAP * (len(heights) - 1)
    sheet = Sheet(width, body + 0.1, **around)
    axes = sheet.axes(0, 0, width, sheet.body_height)
    axes.set(xlim=(0, width), ylim=(0, sheet.body_height))
    axes.set_axis_off()
    x, top = MARGIN, sheet.body_height - 0.05
    for said, wide, height in zip(boxes, widths, heights, strict=True):
        tall = body if beside else height
        axes.add_patch(Rectangle((x, top - tall), wide, tall, facecolor="white", edgecolor=style.INK, linewidth=1.0))
        y = top - 0.2
        for one, weight in said:
            axes.text(x + 0.2, y, one, va="top", fontsize=style.SIZE, fontweight=weight)
            y -= line if one else 0.5 * line
        if beside:
            x += wide + GAP
        else:
            top -= tall + GAP
    return sheet


def _box(step: int, heading: str, how: str, lines: list[str], room: float) -> list[tuple[str, str]]:
    """Wrapped lines of one step; an empty one parts two matters."""
    said = [(one, "bold") for one in style.wrap(f"{step}. {heading}", room, weight="bold")]
    said += [(one, "normal") for one in style.wrap(how, room)]
    for entry in lines:
        said += [("", "normal"), *((one, "normal") for one in style.wrap(entry, room))]
    return said


def _readable(discussion: "Worksheet", lang: str) -> pd.DataFrame:
    """The indicator check with headings and names."""
    rows = []
    for one, row in zip(discussion.findings, discussion.table.to_dict("records"), strict=True):
        rows.append(
            {
                text("table.indicator", lang): one.names.indicator(one.indicator, lang),
                text("table.area", lang): one.names.area(one.shown_area, lang),
                text("table.period", lang): one.period,
                text("plan.sheet.worst", lang): _worst(one, lang) if row["worst"] is not None else "",
                text("table.difference", lang): row["difference"],
                text("table.lower", lang): row["lower"],
                text("table.upper", lang): row["upper"],
                text("plan.sheet.people", lang): about(row["people"]),
                text("plan.sheet.verdict", lang): text(f"plan.justified.{row['verdict']}", lang),
            }
        )
    return pd.DataFrame(rows)


def _worst(one: Finding, lang: str) -> str:
    """All groups that may be the worst off."""
    return "; ".join(one.names.group(one.dimension, group, lang) for group in (one.worst, *one.tied) if group)
