"""Word templates of any program, texts with control characters, titles as long as official ones: whole documents."""

import docx
import pytest
from commands import refused, run
from docx.oxml.ns import qn

from hyteanalysis import places, reading

PLAN, RELEASE = places.committed("plans", "example.yml"), places.committed("releases", "example")


def written(made):
    """Paragraphs of a Word file with the names of their styles, those in cells and controls too."""
    names = {style.style_id: style.name for style in made.styles}
    found = []
    for paragraph in made.element.body.iter(qn("w:p")):
        look = paragraph.pPr.pStyle.val if paragraph.pPr is not None and paragraph.pPr.pStyle is not None else None
        found.append((names.get(look), "".join(one.text or "" for one in paragraph.iter(qn("w:t")))))
    return found


def brief(tmp_path, template):
    out = tmp_path / "out.docx"
    done = run("report", PLAN, "--release", RELEASE, "--kind", "brief", "--template", template, "-o", out)
    return done, out


def test_a_template_of_another_program_gives_its_own_headings(case, tmp_path):
    done, out = brief(tmp_path, case("word-templates/libreoffice.docx"))
    assert done.returncode == 0, done.stderr
    found = written(docx.Document(out))
    headings = [words for name, words in found if name == "Heading 1"]
    assert "Tilanne lyhyesti" in headings
    assert not any("content" in words for _, words in found)


def test_the_place_may_stand_in_a_table_s_cell(case, tmp_path):
    done, out = brief(tmp_path, case("word-templates/place-in-table.docx"))
    assert done.returncode == 0, done.stderr
    made = docx.Document(out)
    found = written(made)
    assert "Tilanne lyhyesti" in [words for _, words in found]
    assert not any("⟦" in words or "{{" in words for _, words in found)
    cell = made.tables[0].rows[0].cells[0]
    assert len(cell.tables) >= 1
    assert cell._tc[-1].tag == qn("w:p"), "a cell ends with a paragraph"
    assert any("Tilanne" in paragraph.text for paragraph in cell.paragraphs)


def own(path, place="{{ content }}", *, control=False, beside="", header=False):
    made = docx.Document()
    paragraph = made.sections[0].header.paragraphs[0] if header else made.add_paragraph()
    paragraph.add_run(beside + place)
    if header:
        made.add_paragraph("{{ title }}")
    if control:
        sdt = docx.oxml.parse_xml(f"<w:sdt {docx.oxml.ns.nsdecls('w')}><w:sdtContent/></w:sdt>")
        paragraph._p.addprevious(sdt)
        sdt[0].append(paragraph._p)
    made.save(path)
    return path


def test_the_place_may_stand_in_a_content_control_and_beside_words(tmp_path):
    done, out = brief(tmp_path, own(tmp_path / "own.docx", control=True))
    assert done.returncode == 0, done.stderr
    assert "Tilanne lyhyesti" in [words for _, words in written(docx.Document(out))]
    done, out = brief(tmp_path, own(tmp_path / "own.docx", beside="Alku: "))
    assert done.returncode == 0, done.stderr
    words = [words for _, words in written(docx.Document(out))]
    assert words.index("Alku: ") < words.index("Tilanne lyhyesti")


def test_a_place_in_a_header_is_refused_before_a_report_is_made(tmp_path):
    template = own(tmp_path / "own.docx", header=True)
    done, out = brief(tmp_path, template)
    refused(done, "content", "header")
    assert not out.exists()
    refused(run("report", "--check-template", template), "content", "header")


def test_a_template_is_checked_alone(case):
    done = run("report", "--check-template", case("word-templates/libreoffice.docx"))
    assert done.returncode == 0
    assert "places: content, title" in done.stdout
    assert "Subtitle" in done.stdout
    done = run("report", "--check-template", case("word-templates/place-in-table.docx"))
    assert "{{ content }} stands in a table's cell" in done.stdout


@pytest.mark.parametrize("suffix", [".docx", ".pptx", ".xlsx", ".html"])
def test_a_line_break_of_a_slide_in_a_plan_breaks_no_document(case, tmp_path, suffix):
    out = tmp_path / f"out{suffix}"
    done = run("report", case("control-characters/plan.yml"), "--release", RELEASE, "-o", out)
    assert done.returncode == 0, done.stderr
    if suffix == ".html":
        assert b"\x0b" not in out.read_bytes()


@pytest.mark.parametrize("suffix", [".docx", ".pptx", ".xlsx"])
def test_titles_longer_than_a_property_are_shortened_there_only(case, tmp_path, suffix):
    release = tmp_path / "rel"
    done = run("release", case("long-titles/cells.csv"), "--policy", "thl", "-o", release)
    assert done.returncode == 0, done.stderr
    out = tmp_path / f"out{suffix}"
    done = run("figure", "equiplot", "--release", release, "--indicator", "need", "--dimension", "education", "-o", out)
    assert done.returncode == 0, done.stderr
    if suffix == ".docx":
        properties = docx.Document(out).core_properties
        assert max(len(properties.title), len(properties.subject)) <= 255


@pytest.mark.parametrize("written", ["Ensin\x0bsitten", "Ensin\\x0bsitten", "Ensin\u200bsitten", "Ensin\\u2028sitten"])
def test_what_is_taken_out_of_a_plan_is_said_with_its_line(tmp_path, written):
    plan = tmp_path / "plan.yml"
    plan.write_text(f'a: plain\nb:\n  - "{written}"\n', encoding="utf-8")
    assert reading.cleaned_lines(plan.read_text(encoding="utf-8")) == [3]
    assert reading.cleaned_lines('a: "yksi\\nkaksi"\nb: Äiti\n') == []


def test_the_commands_of_a_plan_say_what_they_took_out(case):
    done = run("plan", "check", case("control-characters/plan.yml"))
    assert "control characters, as pasting leaves them, were taken out of line 8" in done.stderr
