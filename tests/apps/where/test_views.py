"""What page A computes: the largest gaps, quality, files; foreign words escaped."""

import re
import subprocess
import sys
from html import escape
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest

from hyteanalysis import figures
from hyteanalysis.apps import MissaMennaan
from hyteanalysis.apps.kit import cards, html
from hyteanalysis.apps.where import views
from hyteanalysis.apps.where.choice import Selection
from hyteanalysis.findings import finding

EXAMPLE = Path(__file__).resolve().parents[3] / "data" / "releases" / "example"


@pytest.fixture
def own_release(own):
    return own.release(own.ids[0])


def test_the_largest_gaps_come_first_and_gaps_that_may_be_chance_are_left_out(own_release):
    period = own_release.select(indicator="wide", area="a", dimension="education")["period"].max()
    found = views.largest(own_release, area="a", dimension="education", period=period, lang="fi")
    assert [topic.indicator for topic in found.lines] == ["wide", "slight"]
    assert "30,0 prosenttiyksikköä" in found.lines[0].words
    assert "4,0-kertainen" in found.lines[0].words
    assert "”matala koulutus” ja ”korkea koulutus”" in found.lines[0].words


def test_the_largest_gaps_are_of_the_area_grouping_and_year_of_the_answer_and_say_so(example):
    for period in ("2025", "2021"):
        taken, _ = Selection(area="KU489", dimension="education", period=period).settled(example)
        answer = views.compute("answer", taken, example, "fi").finding
        shown = views.compute("topics", taken, example, "fi", answer)
        assert answer.names.area(answer.shown_area, "fi") in shown.lead
        assert period in shown.lead
        for line in shown.lines:
            one = finding(
                example.release(taken.release), indicator=line.indicator, area=answer.shown_area,
                dimension="education", period=period,
            )  # fmt: skip
            assert one.shown_area == answer.shown_area
            assert one.unit.difference(one.difference.estimate, "fi") in line.words


@pytest.mark.parametrize("dimension", ["sex", "language", "disability", "age"])
def test_no_line_of_groups_without_order_calls_a_gap_reversed_and_each_names_its_groups(example, dimension):
    taken, _ = Selection(area="HVA10", dimension=dimension).settled(example)
    answer = views.compute("answer", taken, example, "fi").finding
    shown = views.compute("topics", taken, example, "fi", answer)
    assert shown.lines
    for line in shown.lines:
        assert "käänt" not in line.words
        assert len(re.findall("”[^”]+”", line.words)) == 2


@pytest.mark.parametrize("lang", ["fi", "sv", "en"])
def test_words_of_the_datas_owner_are_escaped(own, lang):
    taken, _ = Selection(area="a", indicator="wide").settled(own)
    said = views.compute("answer", taken, own, lang)
    shown = said.html(lang) + views.compute("quality", taken, own, lang, said.finding)
    assert "<img" not in shown
    assert "&lt;img src=x" in shown
    assert "<b>2024" not in shown
    assert "&lt;b&gt;2024" in shown


def test_the_badge_stands_only_where_another_area_is_shown(example):
    taken, _ = Selection(area="KU837", indicator="example-loneliness").settled(example)
    assert "ALUETASON TIETO" in views.compute("answer", taken, example, "fi").html("fi")
    taken, _ = Selection(area="HVA08", indicator="example-loneliness").settled(example)
    assert "hyte-badge" not in views.compute("answer", taken, example, "fi").html("fi")


def test_a_part_is_computed_once_for_choices_it_does_not_depend_on(own):
    one = Selection(area="SSS", indicator="x", dimension="sex", compare=("HVA10",), sort="gap", researcher=True)
    other = Selection(area="SSS", indicator="x", dimension="sex")
    key = MissaMennaan("fi", own).key
    assert key("answer", one) == key("answer", other)
    assert key("gap", one) != key("gap", other)
    assert key("topics", Selection(filters=("age:75+",), area="SSS")) == key("topics", Selection(area="SSS"))
    assert key("topics", Selection(period="2020", area="SSS")) != key("topics", Selection(area="SSS"))


def test_no_view_is_made_where_nothing_is_chosen(example):
    taken, _ = Selection(area=None).settled(example)
    assert all(views.compute(part, taken, example, "fi") is None for part in views.BLIND)


@pytest.fixture
def bundle(own_release):
    return figures.equiplot(own_release, indicator="wide", dimension="education", areas=["a", "b"], lang="fi")


def test_a_workbook_holds_the_true_numbers_of_the_table(bundle):
    book = openpyxl.load_workbook(BytesIO(cards._document(bundle, "xlsx")))
    held = {cell.value for sheet in book for row in sheet for cell in row if isinstance(cell.value, float | int)}
    numbers = bundle.readable.select_dtypes("number").to_numpy(dtype=float).ravel()
    assert all(min(abs(value - other) for other in held) < 1e-9 for value in numbers if value == value)
    words = {cell.value for sheet in book for row in sheet for cell in row if isinstance(cell.value, str)}
    assert any(bundle.title in one for one in words)


@pytest.mark.parametrize("kind", list(cards.FILES))
def test_a_file_is_a_link_that_holds_it_and_its_name_is_plain(bundle, kind):
    link = cards._link(bundle, kind, "gap-../wide-ä-2024")
    assert f'download="gap-wide-2024.{kind}"' in link
    assert "base64," in link
    assert f".{kind} (" in link


def test_a_figure_on_a_page_has_its_words_and_table(bundle):
    shown = html.figure(bundle, anchor="ero")
    assert shown.count("<img ") == 1
    assert shown.count("<table") == 1
    assert shown.count("<details>") == 2
    assert f'<h2 id="ero">{escape(bundle.title)}</h2>' in shown


def test_a_phone_gets_a_narrow_figure_and_a_wide_file(own):
    taken, _ = Selection(area="a", indicator="wide", phone=True).settled(own)
    found = views.compute("answer", taken, own, "fi").finding
    view = views.compute("gap", taken, own, "fi", found)
    assert view.figure.fig.get_size_inches()[0] < view.printed().fig.get_size_inches()[0]
    assert view.figure.title == view.printed().title


def test_the_answer_does_not_wait_for_what_draws_figures():
    code = """
import sys
from hyteanalysis.apps import MissaMennaan
from hyteanalysis.apps.kit.library import Library
from hyteanalysis.apps.where import views
from hyteanalysis.apps.where.choice import Selection
from hyteanalysis.findings import finding

library = Library([sys.argv[1]])
MissaMennaan("fi", library).start()
taken, _ = Selection().settled(library)
assert "hyte-answer" in views.compute("answer", taken, library, "fi").html("fi")
print([name for name in sys.modules if name.partition(".")[0] == "matplotlib"])
"""
    made = subprocess.run([sys.executable, "-c", code, str(EXAMPLE)], capture_output=True, text=True, timeout=120)
    assert made.returncode == 0, made.stderr
    assert made.stdout.strip() == "[]"


def test_the_change_is_said_of_the_years_that_it_is_of(example):
    taken, _ = Selection(area="HVA10", indicator="example-hardship", dimension="sex", period="2021").settled(example)
    answer = views.compute("answer", taken, example, "en")
    start, end = answer.finding.change.between
    assert ("The gap " + f"{start}–{end}") in [name for name, _ in answer.chips]


def test_what_only_notes_say_is_no_definition(own, own_release):
    taken, _ = Selection(area="a", dimension="education").settled(own)
    found = views.compute("answer", taken, own, "en").finding
    indicators = own_release.indicators.drop(columns=["definition_en", "definition_fi"], errors="ignore")
    frames = {"cells": own_release.cells, "indicators": indicators.assign(notes="Read with care")}
    noted = own_release.part(("noted",), lambda: frames)
    shown = views._quality(noted, found, "en")
    title = found.names.indicator(found.indicator, "en")
    assert re.search(rf"What the number describes</dt><dd[^>]*>(<span[^>]*>)?{re.escape(escape(title))}", shown)
    assert re.search(r"Note</dt><dd[^>]*>Read with care", shown)
