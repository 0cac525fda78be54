"""The Word report: readable by a screen reader, whole, repeatable, its sentences' numbers those of its tables."""

import re
from dataclasses import replace

import pytest
from reported import DAY, W, Word, document, numbers, plan, release, untold, word

from hyteanalysis import reports
from hyteanalysis.i18n import text
from hyteanalysis.reports.docx import render

LANGS = ["fi", "sv", pytest.param("en", marks=pytest.mark.slow)]
CHAPTERS = ("summary", "background", "description", "conclusions", "plan", "appendices")


@pytest.fixture(scope="module")
def made():
    """The report by language, each written when it is first asked for."""

    class Made(dict):
        def __missing__(self, lang):
            return word(lang)

    return Made()


@pytest.mark.parametrize("lang", LANGS)
def test_it_can_be_read_by_all(made, lang):
    own = Word(made[lang])
    assert own.faults() == []
    default, marked = own.languages()
    assert default == {"fi": "fi-FI", "sv": "sv-SE", "en": "en-GB"}[lang]
    assert marked == (set() if lang == "fi" else {"fi-FI"}), "texts of the plan are marked as Finnish"
    core = own.package.read("docProps/core.xml").decode()
    assert "Suunnitelma &lt;A &amp; B&gt;" in core
    assert default in core


def test_the_readers_would_notice(made):
    content = made["fi"]
    own = Word(content)
    for drawing in own.document.iter():
        if drawing.tag.endswith("}docPr"):
            drawing.set("descr", "")
    for row in list(own.document.iter(f"{W}tblHeader")):
        row.getparent().remove(row)
    heading = [element for style, said, element in own.blocks() if style == "Heading1"][-1]
    heading.getparent().append(heading)
    told = own.faults()
    assert any("no description" in one for one in told)
    assert any("no heading row" in one for one in told)
    assert any("is empty" in one for one in told)


@pytest.mark.parametrize("lang", LANGS)
def test_chapters_stand_in_thl_s_order_each_under_its_heading(made, lang):
    headings = [said for style, said, _ in Word(made[lang]).blocks() if style == "Heading1"]
    expected = [text(f"report.chapter.{name}", lang) for name in CHAPTERS]
    assert headings == expected


@pytest.mark.parametrize("lang", LANGS)
def test_every_number_of_a_sentence_is_the_table_s(made, lang):
    own = Word(made[lang])
    told = own.sections(3)
    assert len(told) == 4
    assert untold(own) == {}
    for title, style in ((title, style) for title, blocks in told.items() for style, _ in blocks[:2]):
        assert style in ("Note", ""), title


def test_a_wrong_number_would_be_noticed(made):
    own = Word(made["fi"])
    sentence = next(element for style, said, element in own.blocks() if style == "" and "23,3" in said)
    run = next(one for one in sentence.iter(f"{W}t") if "23,3" in (one.text or ""))
    run.text = run.text.replace("23,3", "23,4", 1)
    assert {"23,4"} in untold(own).values()


def test_a_goal_s_sentence_says_its_table(made):
    own = Word(made["fi"])
    for goal, caption in (("Savuton alue", "Savuton alue: Päiv"), ("Jokainen ääni", "Jokainen ääni: Ään")):
        blocks = own.sections(2)[goal]
        lead = next(said for style, said in blocks if style == "Lead")
        rows = next(rows for label, rows in own.tables() if caption in label)
        known = {number for row in rows for cell in row for number in numbers(cell)}
        days = {number for number in numbers(lead) if number.count(".") > 1}
        assert numbers(lead) - days <= known, goal
    smoke = next(said for style, said in own.sections(2)["Savuton alue"] if style == "Lead")
    assert smoke.startswith("Etenee. Lähtötaso oli 28,1")
    assert "23,3" in smoke
    bare = " ".join(said for _, said in own.sections(2)["Jokainen ääni"])
    for missing in ("perustelua ei ole kirjattu", "ei ole kirjattu toimenpiteitä", "Seurantaa ei ole vielä kirjattu"):
        assert missing in bare


def test_hidden_groups_are_said_in_words_never_as_nought(made):
    caption = "Vammojen sairaalahoitojaksot: "
    rows = next(rows for label, rows in Word(made["fi"]).tables() if caption in label)
    hidden = next(row for row in rows if row[0] == "keskitason koulutus")
    assert "peitetty" in hidden
    assert not numbers(hidden[2])
    assert "Peitetty tietosuojan vuoksi: keskitason koulutus" in " ".join(
        said for _, said in Word(made["fi"]).sections(3)["Vammojen sairaalahoitojaksot"]
    )


def test_every_figure_has_caption_and_source(made):
    blocks = list(Word(made["fi"]).blocks())
    drawn = [at for at, (_, _, element) in enumerate(blocks) if element.find(f".//{W}drawing") is not None]
    assert len(drawn) >= 7
    for number, at in enumerate(drawn, start=1):
        assert blocks[at + 1][0] == "Caption"
        assert blocks[at + 1][1].startswith(f"Kuvio {number}. ")
        assert "Lähde: " in blocks[at + 2][1]


def test_contents_lead_to_their_headings(made):
    own = Word(made["fi"])
    places = {one.get(f"{W}name") for one in own.document.iter(f"{W}bookmarkStart")}
    links = [one.get(f"{W}anchor") for one in own.document.iter(f"{W}hyperlink")]
    assert links
    assert set(links) == places
    kinds = [one.get(f"{W}fldCharType") for one in own.document.iter(f"{W}fldChar")]
    assert kinds == ["begin", "separate", "end"]


def test_the_same_day_gives_the_same_bytes_another_only_another_date(made):
    one = Word(made["fi"]).package
    other = Word(render(replace(document("fi"), date="2026-03-10"))).package
    assert one.namelist() == other.namelist()
    for name in one.namelist():
        first, second = (re.sub(rb"2026-03-(09|10)|(9|10)\.3\.2026", b"", box.read(name)) for box in (one, other))
        assert first == second, name
    assert {info.date_time for info in one.infolist()} == {(1980, 1, 1, 0, 0, 0)}


@pytest.mark.slow
def test_made_anew_the_report_is_the_same(made):
    assert reports.made(plan(), release(), "docx", day=DAY, actions=".") == made["fi"]


def test_made_anew_the_brief_is_the_same():
    first, second = (reports.made(plan(), release(), "docx", kind="brief", day=DAY) for _ in range(2))
    assert first == second


def test_a_plan_with_nothing_in_it_says_what_is_missing():
    bare = plan(goals=[], experiences=[], follow_ups=[], actors=[])
    own = Word(reports.made(bare, release(), "docx", day=DAY))
    assert own.faults() == []
    said = " ".join(words for _, words, _ in own.blocks())
    for key in (
        "report.no_goals",
        "report.background.no_working_group",
        "report.background.no_forums",
        "report.description.no_experience",
        "report.deliberation.none",
        "report.appendix.none_omitted",
        "report.appendix.no_documents",
    ):
        assert text(key, "fi") in said, key


def test_the_brief_has_two_pages_of_content():
    own = Word(reports.made(plan(), release(), "docx", kind="brief", day=DAY))
    assert own.faults() == []
    breaks = list(own.document.iter(f"{W}pageBreakBefore"))
    assert len(breaks) == 1
    assert len(list(own.document.iter(f"{W}drawing"))) == 1
    goals = own.tables()[0][1]
    assert [row[0] for row in goals[1:]] == ["Jokainen ääni", "Savuton alue"], "what needs a decision comes first"
