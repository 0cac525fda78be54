"""Slides, workbook, page and single figures: native charts with the release's intervals, described, in the language."""

from html.parser import HTMLParser
from io import BytesIO
from itertools import pairwise
from zipfile import ZipFile

import openpyxl
import pytest
from lxml import etree
from pptx import Presentation
from reported import COUNTY, Word, document, finite, release, word

import hyteanalysis as hyte
from hyteanalysis import reports
from hyteanalysis.reports import html, pptx, xlsx
from hyteanalysis.reports.charts import Chart
from hyteanalysis.reports.document import Table

C = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"


def gap(lang="fi"):
    return hyte.figures.equiplot(release(), indicator="smoking", dimension="education", areas=COUNTY, lang=lang)


def trend():
    return hyte.figures.trend(release(), indicator="smoking", dimension="education", areas=COUNTY)


def error_bars(chart):
    """Values with the lengths of their error bars, series by series, from a chart's XML."""

    def points(element):
        return [float(one.text) for one in element.iter(f"{C}v")] if element is not None else []

    return [
        {
            "name": "".join(one.text for one in series.find(f"{C}tx").iter(f"{C}v")),
            "values": points(series.find(f"{C}val")),
            "plus": points(series.find(f"{C}errBars/{C}plus")),
            "minus": points(series.find(f"{C}errBars/{C}minus")),
        }
        for series in chart.iter(f"{C}ser")
    ]


def test_a_slide_s_chart_is_native_and_has_the_release_s_intervals():
    bundle = gap()
    slides = Presentation(BytesIO(reports.figure_file(bundle, "pptx")))
    charts = [shape for slide in slides.slides for shape in slide.shapes if shape.has_chart]
    (frame,) = charts
    (series,) = error_bars(frame.chart._chartSpace)
    own = bundle.table[bundle.table["measure"] == "level"].set_index("group")
    own = own.loc[["low", "mid", "high", "total"]]
    assert list(frame.chart.plots[0].categories) == [
        "matala koulutus",
        "keskitason koulutus",
        "korkea koulutus",
        "koko väestö",
    ]
    assert series["values"] == pytest.approx(finite(own["estimate"]))
    assert series["plus"] == pytest.approx(finite(own["upper"] - own["estimate"]))
    assert series["minus"] == pytest.approx(finite(own["estimate"] - own["lower"]))
    assert frame._element.xpath(".//p:cNvPr")[0].get("descr") == bundle.alt
    assert bundle.source in "".join(shape.text_frame.text for shape in slides.slides[0].shapes if shape.has_text_frame)
    assert bundle.alt in slides.slides[0].notes_slide.notes_text_frame.text


def test_a_trend_becomes_lines_broken_where_a_year_lacks():
    bundle = trend()
    chart = Chart.of(bundle)
    assert chart.kind == "line"
    assert chart.categories == tuple(str(year) for year in range(2013, 2023))
    assert [one.name for one in chart.series] == ["matala koulutus", "keskitason koulutus", "korkea koulutus"]
    own = bundle.table[(bundle.table["group"] == "low") & (bundle.table["measure"] == "level")].sort_values("period")
    assert chart.series[0].values == pytest.approx(tuple(own["estimate"]))
    assert all(one.bounded for one in chart.series)


def test_a_matrix_stays_a_picture():
    bundle = hyte.figures.matrix(release(), dimension="sex", areas=COUNTY)
    assert Chart.of(bundle) is None
    slides = Presentation(BytesIO(reports.figure_file(bundle, "pptx")))
    pictures = [shape for shape in slides.slides[0].shapes if shape.shape_type == 13]
    assert pictures[0]._element.xpath(".//p:cNvPr")[0].get("descr") == bundle.alt


@pytest.mark.parametrize("lang", ["fi", "sv", "en"])
def test_a_figure_in_word_has_caption_table_source_and_alternative(lang, tmp_path):
    bundle = gap(lang)
    path = reports.write_figure(bundle, tmp_path / "gap.docx")
    word = Word(path.read_bytes())
    assert word.faults() == []
    said = [words for _, words, _ in word.blocks()]
    assert any(bundle.title in words for words in said)
    assert any(bundle.source in words for words in said)
    assert f'descr="{bundle.alt}"' in word.package.read("word/document.xml").decode()
    ((_, rows),) = word.tables()
    assert len(rows) == len(bundle.readable) + 1
    level = bundle.table.loc[bundle.table["group"] == "low", "estimate"].iloc[0]
    assert any(hyte.i18n.number(level, lang) in row for row in rows)


def test_a_workbook_holds_true_numbers_and_a_chart_with_custom_error_bars(tmp_path):
    bundle = gap()
    path = reports.write_figure(bundle, tmp_path / "gap.xlsx")
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["Sisällys", "Kuvio 1"]
    sheet = book["Kuvio 1"]
    headings = [cell.value for cell in sheet[4]]
    place = headings.index("Luku, %") + 1
    found = [sheet.cell(row, place).value for row in range(5, 5 + len(bundle.readable))]
    assert found == pytest.approx(finite(bundle.readable["Luku, %"]))
    package = ZipFile(path)
    chart = etree.fromstring(package.read("xl/charts/chart1.xml"))
    assert {one.get("val") for one in chart.iter(f"{C}errValType")} == {"cust"}
    references = [one.text for one in chart.iter(f"{C}f")]
    assert any("Kuvio 1" in one for one in references)
    assert f'descr="{bundle.alt}"' in package.read("xl/drawings/drawing1.xml").decode()


def test_the_whole_workbook_numbers_its_sheets_as_the_report():
    content = xlsx.render(document())
    assert content == xlsx.render(document()), "the same day gives the same bytes"
    book = openpyxl.load_workbook(BytesIO(content))
    captions = [said for style, said, _ in Word(word()).blocks() if style == "Caption"]
    assert len(book.sheetnames) == 1 + len(captions)
    for caption in captions:
        label = ". ".join(caption.split(". ")[:1])
        first = book[label]["A1"].value
        assert first.split(". ")[-1][:20] in caption or first[:20] in caption, caption


def test_the_slides_say_the_main_points_and_are_repeatable():
    content = pptx.render(document("fi", "pptx"))
    assert content == pptx.render(document("fi", "pptx")), "the same day gives the same bytes"
    slides = Presentation(BytesIO(content))
    titles = [slide.shapes.title.text_frame.text for slide in slides.slides]
    assert titles[0] == "Suunnitelma <A & B>"
    assert all(titles)
    shapes = [shape for slide in slides.slides for shape in slide.shapes]
    assert sum(shape.has_chart for shape in shapes) >= 3
    for shape in shapes:
        if shape.has_chart or shape.has_table or shape.shape_type == 13:
            assert shape._element.xpath(".//p:cNvPr")[0].get("descr"), shape.name
        if shape.has_table:
            assert shape.table.first_row
    runs = [
        run
        for slide in slides.slides
        for run in slide._element.iter("{http://schemas.openxmlformats.org/drawingml/2006/main}rPr")
    ]
    assert {run.get("lang") for run in runs} == {"fi-FI"}


class Page(HTMLParser):
    """Tags with their attributes, and text by the tag it stands in."""

    def __init__(self, content):
        super().__init__()
        self.tags, self.said, self.open = [], [], []
        self.feed(content)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self.open.append(tag)

    def handle_endtag(self, tag):
        while self.open and self.open.pop() != tag:
            pass

    def handle_data(self, data):
        self.said.append((self.open[-1] if self.open else "", data))

    def of(self, tag):
        """Attributes of all tags of a kind."""
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.mark.parametrize("lang", ["sv"])
def test_the_page_is_one_file_that_a_screen_reader_can_walk(lang):
    content = html.render(document(lang)).decode()
    page = Page(content)
    assert page.of("html") == [{"lang": lang}]
    assert len(page.of("h1")) == len(page.of("main")) == len(page.of("title")) == 1
    assert all(image["alt"].strip() and image["src"].startswith("data:image/svg+xml") for image in page.of("img"))
    assert len(page.of("caption")) == len(page.of("table"))
    assert {head["scope"] for head in page.of("th")} == {"col", "row"}
    outside = [value for _, attributes in page.tags for name, value in attributes.items() if name in ("src", "href")]
    assert all(value.startswith(("data:", "#")) for value in outside)
    anchors = {link["href"][1:] for link in page.of("a")}
    assert anchors <= {attributes.get("id") for _, attributes in page.tags}
    levels = [int(tag[1]) for tag, _ in page.tags if tag in ("h1", "h2", "h3", "h4")]
    assert all(after - before <= 1 for before, after in pairwise(levels)), "no level is skipped"
    assert "<A & B>" not in content


def test_a_slim_table_keeps_what_differs_and_the_first_column():
    table = Table("Otsikko", ("Alue", "Vuosi", "Ryhmä", "Luku"), (("A", "2022", "x", "1"), ("A", "2022", "y", "2")))
    assert table.slim().columns == ("Ryhmä", "Luku")
    assert Table("O", ("a", "b"), (("x", "1"),)).slim().columns == ("a", "b")


def test_no_interval_runs_out_of_the_chart():
    for chart in (Chart.of(gap()), Chart.of(trend())):
        low, high = chart.span
        assert low == 0
        assert high >= max(end for one in chart.series for end in finite(one.upper))
        assert high <= 1.5 * max(end for one in chart.series for end in finite(one.upper))
