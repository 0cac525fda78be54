"""Native PowerPoint charts with asymmetric error bars, which python-pptx itself does not write."""

from collections.abc import Sequence
from math import isfinite
from typing import Any

from pptx.chart.data import CategoryChartData
from pptx.dml.color import RGBColor
from pptx.enum.chart import XL_CHART_TYPE, XL_LEGEND_POSITION, XL_MARKER_STYLE
from pptx.oxml import parse_xml
from pptx.oxml.ns import nsdecls, qn
from pptx.util import Inches, Pt

from hyteanalysis.reports.charts import Chart

_MARKERS = (XL_MARKER_STYLE.CIRCLE, XL_MARKER_STYLE.SQUARE, XL_MARKER_STYLE.DIAMOND, XL_MARKER_STYLE.TRIANGLE)
SMALL = 12  # points


def add_chart(slide: Any, chart: Chart, x: float, y: float, wide: float, high: float) -> Any:
    """The chart as a frame on a slide, places in inches; its numbers stand in the workbook behind it."""
    data = CategoryChartData(number_format=chart.pattern)  # type: ignore[no-untyped-call]
    data.categories = chart.categories
    for one in chart.series:
        data.add_series(one.name or chart.axis, [value if isfinite(value) else None for value in one.values])  # type: ignore[no-untyped-call]
    kind = XL_CHART_TYPE.BAR_CLUSTERED if chart.kind == "bar" else XL_CHART_TYPE.LINE_MARKERS
    frame = slide.shapes.add_chart(kind, *(Inches(one) for one in (x, y, wide, high)), data)
    made = frame.chart
    made.font.size = Pt(SMALL)
    made.has_title = False
    made.has_legend = len(chart.series) > 1
    if made.has_legend:
        made.legend.position, made.legend.include_in_layout = XL_LEGEND_POSITION.TOP, False
    value, category = made.value_axis, made.category_axis
    value.tick_labels.number_format, value.tick_labels.number_format_is_linked = chart.pattern, False
    value.major_gridlines.format.line.color.rgb = RGBColor(0xDD, 0xDD, 0xDD)  # type: ignore[no-untyped-call]
    value.has_title = True
    value.axis_title.text_frame.text = chart.axis
    value.axis_title.text_frame.paragraphs[0].font.size = Pt(SMALL)
    value.axis_title.text_frame.paragraphs[0].font.bold = False
    value.minimum_scale, value.maximum_scale = chart.span
    if chart.kind == "bar":
        category.reverse_order = True  # the first category on top, the axis of values still below
        value._element.find(qn("c:crosses")).set("val", "max")
        made.plots[0].gap_width, made.plots[0].overlap = 60, -5
    for at, (drawn, one) in enumerate(zip(made.plots[0].series, chart.series, strict=True)):
        fill = RGBColor.from_string(one.fill)  # type: ignore[no-untyped-call]
        if chart.kind == "bar":
            drawn.format.fill.solid()
            drawn.format.fill.fore_color.rgb = fill
            drawn.invert_if_negative = False
        else:
            drawn.smooth = False
            drawn.format.line.color.rgb, drawn.format.line.width = fill, Pt(2.25)
            drawn.marker.style, drawn.marker.size = _MARKERS[at % len(_MARKERS)], 8
            drawn.marker.format.fill.solid()
            drawn.marker.format.fill.fore_color.rgb = fill
        if one.bounded:
            _add_error_bars(drawn._element, one.below, one.above, chart.kind)
    return frame


def _add_error_bars(series: Any, below: Sequence[float], above: Sequence[float], kind: str) -> None:
    """Custom error bars, before the categories as the schema has it."""

    def points(lengths: Sequence[float]) -> str:
        told = "".join(f'<c:pt idx="{at}"><c:v>{length!r}</c:v></c:pt>' for at, length in enumerate(lengths))
        return f'<c:numLit><c:formatCode>General</c:formatCode><c:ptCount val="{len(lengths)}"/>{told}</c:numLit>'

    along = '<c:errDir val="y"/>' if kind == "line" else ""
    bars = parse_xml(
        f'<c:errBars {nsdecls("c", "a")}>{along}<c:errBarType val="both"/><c:errValType val="cust"/>'
        '<c:noEndCap val="0"/>'
        f"<c:plus>{points(above)}</c:plus><c:minus>{points(below)}</c:minus>"
        '<c:spPr><a:ln w="15875"><a:solidFill><a:srgbClr val="1A1A1A"/></a:solidFill></a:ln></c:spPr></c:errBars>'
    )
    series.xpath("./c:cat | ./c:val")[0].addprevious(bars)
