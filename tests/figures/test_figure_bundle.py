"""The bundle refuses what a reader could not use, and writes all of it or nothing."""

import csv as csv_module
import io
import re
from dataclasses import replace

import matplotlib.image
import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from hyteanalysis import writing
from hyteanalysis.errors import HyteError
from hyteanalysis.figures import FigureBundle


def made(**changes):
    figure = Figure(figsize=(3, 2))
    figure.text(0.1, 0.5, "ÄÖÅ äöå × −1,5")
    table = pd.DataFrame({"group": ["low", "high"], "estimate": [22.123456789, np.nan], "status": ["ok", "suppressed"]})
    readable = table.set_axis(["Ryhmä", "Luku, %", "Huomautus"], axis=1)
    readable["Huomautus"] = ["", "peitetty"]
    parts = {
        "fig": figure,
        "table": table,
        "title": "Otsikko <ä>",
        "subtitle": "alaotsikko",
        "alt": "Erokuvio. Luvut ovat taulukossa.",
        "long_text": "Mitä kuvio näyttää: …",
        "source": "Lähde: THL.",
        "notes": ("Huomautus.",),
        "states": ("suppressed",),
        "number_format": {"Luku, %": "#,##0.0"},
        "lang": "fi",
        "release": "abc",
        "plotted": (22.123456789,),
        "readable": readable,
    }
    return FigureBundle(**{**parts, **changes})


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"alt": " "}, "text alternative"),
        ({"alt": "a" * 251}, "at most 250"),
        ({"source": ""}, "source"),
        ({"plotted": (22.123456789, 7.5)}, "lacks 1 plotted number.*7.5"),
        ({"plotted": (22.1,)}, "lacks 1 plotted"),
    ],
)
def test_refuses(changes, said):
    with pytest.raises(HyteError, match=said):
        made(**changes)


def test_a_copy_is_checked_as_well():
    with pytest.raises(HyteError, match="text alternative"):
        replace(made(), alt="")


@pytest.mark.parametrize("suffix", ["svg", "png", "pdf"])
def test_a_picture_brings_words_and_table(tmp_path, suffix):
    written = made().save(tmp_path / f"gap.{suffix}")
    assert [path.name for path in written] == [f"gap.{suffix}", "gap.alt.txt", "gap.csv"]
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(path.name for path in written)
    assert (tmp_path / "gap.alt.txt").read_text(encoding="utf-8").startswith("Erokuvio. Luvut ovat taulukossa.\n")


def test_csv_is_for_a_finnish_spreadsheet(tmp_path):
    made().save(tmp_path / "gap.csv")
    raw = (tmp_path / "gap.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    rows = list(csv_module.reader(io.StringIO(raw.decode("utf-8-sig")), delimiter=";"))
    assert rows == [["Ryhmä", "Luku, %", "Huomautus"], ["low", "22,123456789", ""], ["high", "peitetty", "peitetty"]]


def test_svg_carries_title_and_alternative_and_is_repeatable():
    first, second = made().svg().decode(), made().svg().decode()
    assert first == second
    assert "<title>Otsikko &lt;ä&gt;</title><desc>Erokuvio." in first
    assert 'role="img" xml:lang="fi"' in first


def test_pdf_embeds_its_fonts():
    pdf = made().pdf()
    assert b"/FontFile2" in pdf
    assert b"/Type3" not in pdf


def test_png_has_300_dots_per_inch():
    picture = matplotlib.image.imread(io.BytesIO(made().png()))
    assert picture.shape[:2] == (600, 900)


def test_another_suffix_is_refused_by_name(tmp_path):
    with pytest.raises(HyteError, match=r"\.jpg"):
        made().save(tmp_path / "gap.jpg")
    with pytest.raises(HyteError, match="no folder"):
        made().save(tmp_path / "nowhere" / "gap.svg")
    assert not list(tmp_path.iterdir())


def test_a_failed_write_leaves_nothing(tmp_path, monkeypatch):
    def fail(*_):
        raise OSError("full")

    monkeypatch.setattr(writing.os, "chmod", fail)
    with pytest.raises(OSError, match="full"):
        made().save(tmp_path / "gap.svg")
    assert not list(tmp_path.iterdir())


def test_html_table_is_a_real_table():
    table = made().html_table()
    assert "<caption>Otsikko &lt;ä&gt;. alaotsikko</caption>" in table
    assert re.findall(r'<th scope="col">([^<]*)', table) == ["Ryhmä", "Luku, %", "Huomautus"]
    assert re.findall(r'<th scope="row">([^<]*)', table) == ["low", "high"]
    assert '<td class="number">22,1</td>' in table
    assert '<td class="number">peitetty</td>' in table
    with pytest.raises(HyteError, match="'sv'"):
        made().html_table("sv")


def test_html_shows_the_figure_with_its_alternative():
    shown = made()._repr_html_()
    assert 'alt="Erokuvio. Luvut ovat taulukossa."' in shown
    assert "<table" in shown
