"""A made county with its plan, and readers of Office files that know nothing of the library's writers."""

import re
from functools import cache
from io import BytesIO
from zipfile import ZipFile

import numpy as np
import pandas as pd
from lxml import etree
from released import INDICATORS, cell, education, made, smoking, total

from hyteanalysis.plan import Plan
from hyteanalysis.progress import Steps
from hyteanalysis.reports import docx, kinds
from hyteanalysis.reports.docx import render
from hyteanalysis.reports.material import Material

COUNTY, TOWNS = "HVA08", ("KU564", "KU244")
DAY = "2026-03-09"
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
docx.DPI = 40  # the pictures are looked at by nobody here, and drawing them takes most of the time
NUMBER = re.compile(r"−?\d[\d\xa0]*(?:[.,]\d+)*")


@cache
def release():
    """Smoking narrows, voting differs by sex, hospital care by education; sleep is a mean, one group hidden."""
    rows = [row for row in smoking() if row["area"] != "KU837"]
    for area, people in (("SSS", 3_000_000), (COUNTY, 300_000)):
        for group, level in (("women", 71.0), ("men", 62.0)):
            rows.append(cell("voting", area, "2022", "sex", group, level, n=4000))
        rows.append(total("voting", area, "2022", 66.5, population=people))
        levels = (9100.0, 7000.0, 4200.0)
        rows += education("hospital", area, "2022", levels, n=30000, statuses=("ok", "suppressed", "ok"))
        rows.append(total("hospital", area, "2022", 6400.0, n=90000, population=people))
        for group, level in (("women", 7.4), ("men", 7.3)):
            rows.append(cell("sleep", area, "2022", "sex", group, level, se=0.1))
    for town, level in zip(TOWNS, (14.0, 19.0), strict=True):
        rows.append(total("smoking", town, "2022", level, n=900, population=45_000))
    hierarchy = pd.DataFrame([(COUNTY, "SSS"), *((town, COUNTY) for town in TOWNS)], columns=["area", "parent"])
    return made(rows, indicators=INDICATORS, hierarchy=hierarchy)


def plan(**changes):
    """Two goals; one with all a goal may have, one with nothing but its numbers."""
    goals = [
        {
            "id": "smoke",
            "title": "Savuton alue",
            "indicator": "smoking",
            "area": COUNTY,
            "dimension": "education",
            "group": "low",
            "baseline": {"value": 28.1, "lower": 26.1, "upper": 30.1, "period": "2018"},
            "target": {"value": 15, "date": "2029-12-31"},
            "threshold": 30,
            "grounds": "Ero on suuri.",
            "experiences": ["talk"],
            "actors": [{"actor": "health", "role": "lead"}, {"actor": "club", "role": "partner"}],
            "measures": [{"title": "Ohjatut", "purpose": "process", "unit": "henkilöä", "now": 41}],
            "actions": [
                {
                    "id": "guide",
                    "title": "Ohjaus",
                    "form": "targeted",
                    "groups": ["low"],
                    "actors": [{"actor": "health", "role": "lead"}],
                    "resources": [{"kind": "money", "amount": 12000, "unit": "euroa"}],
                    "starts": "2023-01-01",
                    "ends": "2025-12-31",
                }
            ],
            "next_check": "2027-05-01",
        },
        {
            "id": "vote",
            "title": "Jokainen ääni",
            "indicator": "voting",
            "area": COUNTY,
            "dimension": "sex",
            "group": "men",
            "baseline": {"value": 60, "period": "2018"},
            "target": {"value": 70, "date": "2029-12-31"},
        },
    ]
    data = {
        "schema_version": 2,
        "title": "Suunnitelma <A & B>",
        "organisation": "Alue",
        "area": COUNTY,
        "first_year": 2023,
        "last_year": 2029,
        "language": "fi",
        "actors": [{"id": "health", "name": "Terveys"}, {"id": "club", "name": "Seura"}],
        "experiences": [
            {"id": "talk", "text": "Tauko on tauko.", "source": "interview", "consent": "oral", "participants": 14}
        ],
        "goals": goals,
        "follow_ups": [
            {
                "id": "first",
                "goal": "smoke",
                "date": "2023-02-01",
                "actor": "health",
                "observation": "Määrä kasvoi.",
                "decision": "Jatketaan.",
                "period": "2022",
                "groups": {"low": {"observed": 23.3, "forecast": {"value": 22, "lower": 20, "upper": 24}}},
            }
        ],
    }
    return Plan.from_dict({**data, **changes})


@cache
def document(lang="fi", suffix="docx", day=DAY):
    """The report as data, composed once for all tests of its files."""
    steps = Steps()
    material = Material.gather(plan(), release(), lang, steps=steps, effects={}, day=day)
    return kinds.document(material, "report", suffix)


@cache
def word(lang="fi"):
    """The report as a Word file, written once."""
    return render(document(lang))


class Word:
    """The body of a .docx file, read from its XML."""

    def __init__(self, content):
        self.package = ZipFile(BytesIO(content))
        self.document = etree.fromstring(self.package.read("word/document.xml"))
        self.body = self.document[0]

    def part(self, name):
        """A part of the package as XML."""
        return etree.fromstring(self.package.read(name))

    def blocks(self):
        """Paragraphs and tables in reading order, as ``(style, words, element)``; a table's style is ``table``."""
        for element in self.body:
            if element.tag == f"{W}tbl":
                yield "table", "", element
            elif element.tag == f"{W}p":
                style = element.find(f"{W}pPr/{W}pStyle")
                yield ("" if style is None else style.get(f"{W}val")), words(element), element

    def tables(self):
        """Caption and rows of every table."""
        found, caption = [], ""
        for style, said, element in self.blocks():
            if style == "Caption":
                caption = said
            elif style == "table":
                found.append(
                    (caption, [[words(cell) for cell in row.iter(f"{W}tc")] for row in element.iter(f"{W}tr")])
                )
        return found

    def faults(self):
        """What keeps a screen reader, or a reader, from using the file."""
        found = []
        for drawing in self.document.iter(f"{W}drawing"):
            (properties,) = drawing.iter(
                "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}docPr"
            )
            if not properties.get("descr", "").strip():
                found.append(f"drawing {properties.get('id')} has no description")
        for table in self.document.iter(f"{W}tbl"):
            first = next(table.iter(f"{W}tr"))
            if first.find(f"{W}trPr/{W}tblHeader") is None:
                found.append("a table has no heading row")
        ids = [one.get("id") for one in self.document.iter() if one.tag.endswith("}docPr")]
        if len(ids) != len(set(ids)):
            found.append("two drawings share an id")
        blocks = [(style, said) for style, said, _ in self.blocks()]
        levels = [int(style[-1]) if style.startswith("Heading") else 9 for style, _ in blocks]
        for at, level in enumerate(levels):
            follows = levels[at + 1] if at + 1 < len(levels) else 0
            if level < 9 and follows <= level:
                found.append(f"the chapter {blocks[at][1]!r} is empty")
        return found

    def languages(self):
        """Languages of the defaults, and of runs that are marked."""
        styles = self.part("word/styles.xml")
        default = styles.find(f"{W}docDefaults").find(f".//{W}lang").get(f"{W}val")
        return default, {one.get(f"{W}val") for one in self.document.iter(f"{W}lang")}

    def sections(self, level):
        """``(style, words)`` of the sections of a level by title, until the next heading of that level or above."""
        found, title = {}, None
        for style, said, _ in self.blocks():
            if style.startswith("Heading") and int(style[-1]) <= level:
                title = said if int(style[-1]) == level else None
                if title is not None:
                    found[title] = []
            elif title is not None:
                found[title].append((style, said))
        return found


def words(element):
    """All text of an element."""
    return "".join(one.text or "" for one in element.iter(f"{W}t"))


def numbers(said):
    """Numbers of a text as they are written."""
    return {one.strip("\xa0") for one in NUMBER.findall(said)}


def untold(word, level=3):
    """Numbers that the sentences on an indicator say and its table in the appendix lacks, by section."""
    tables = word.tables()
    found = {}
    for title, blocks in word.sections(level).items():
        own = [(caption, rows) for caption, rows in tables if f" {title}: " in caption]
        if not own:
            continue
        known = {number for _, rows in own for row in rows for cell in row for number in numbers(cell)}
        known |= {number for caption, _ in own for number in numbers(caption.partition(". ")[2])}
        said = " ".join(text for style, text in blocks if style in ("", "Normal", "ListBullet", "Lead"))
        lacking = numbers(said) - known
        if lacking:
            found[title] = lacking
    return found


def finite(values):
    """Numbers that are there, as floats."""
    return [float(one) for one in values if one is not None and np.isfinite(one)]
