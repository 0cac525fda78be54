"""What a report refuses, and that nothing is half-written or lost when it does."""

import docx
import pytest
import typer
from commands import run
from reported import COUNTY, DAY, Word, document, plan, release

import hyteanalysis as hyte
from hyteanalysis import errors, reports
from hyteanalysis.cli import app
from hyteanalysis.progress import Cancelled, Steps
from hyteanalysis.reports import office
from hyteanalysis.reports.document import Document, Figure, Paragraph, Section, Table, Value
from hyteanalysis.reports.docx import fill


def refuses(error, said, path, **options):
    """The report is refused, and the file that was there is the same."""
    before = path.read_bytes() if path.is_file() else None
    files = sorted(path.parent.iterdir()) if path.parent.is_dir() else None
    chosen = {"plan": plan(), "release": release(), **options}
    with pytest.raises(error, match=said):
        reports.write(chosen.pop("plan"), chosen.pop("release"), path, day=DAY, **chosen)
    if before is not None:
        assert path.read_bytes() == before
    if files is not None:
        assert sorted(path.parent.iterdir()) == files


@pytest.fixture
def older(tmp_path):
    """A report that was there before."""
    path = tmp_path / "kertomus.docx"
    path.write_bytes(b"older")
    return path


def test_paths_that_cannot_be_written_are_named(tmp_path):
    refuses(errors.SourceError, "no folder .*nowhere", tmp_path / "nowhere" / "kertomus.docx")
    refuses(errors.SourceError, "it is a folder", tmp_path)
    refuses(errors.HyteError, r"\.odt", tmp_path / "kertomus.odt")
    with pytest.raises(errors.HyteError, match=r"\.odt"):
        reports.write_figure(figure(), tmp_path / "f.odt")
    with pytest.raises(errors.SourceError, match="no folder"):
        reports.write_figure(figure(), tmp_path / "nowhere" / "f.docx")


def figure():
    return hyte.figures.equiplot(release(), indicator="smoking", dimension="education", areas=COUNTY)


def test_a_disk_that_fails_leaves_the_older_file(older, monkeypatch):
    def fail(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(office.os, "fsync", fail)
    refuses(errors.SourceError, "No space left", older, kind="brief")


def test_a_goal_that_the_release_does_not_hold_is_named(older):
    goals = [goal.to_dict() for goal in plan().goals]
    goals[0]["indicator"] = "smokng"
    refuses(errors.PlanError, "smoke.*smokng", older, plan=plan(goals=goals))
    refuses(
        errors.PlanError,
        "no numbers of 'HVA91'",
        older,
        plan=plan(area="HVA91", goals=[], follow_ups=[]),
        release=narrow(),
    )


def narrow():
    """A release of one county alone."""
    own = release()
    cells = own.select(area=COUNTY)
    return hyte.release(cells, own.indicators, policy=hyte.Policy.from_profile("open"))


def test_personal_data_are_refused_by_place_and_not_repeated(older):
    note = "Soita 040 123 4567 tai kirjoita etu.suku@esimerkki.fi"
    refuses(errors.PlanError, "note: email; note: phone", older, plan=plan(note=note))
    with pytest.raises(errors.PlanError) as caught:
        reports.made(plan(note=note), release(), "docx")
    assert "040" not in str(caught.value)
    shared = plan(
        actors=[{"id": "health", "name": "T", "contact": "toimisto@esimerkki.fi"}, {"id": "club", "name": "S"}]
    )
    assert b"PK" in reports.made(shared, release(), "xlsx", kind="brief")[:2], "an office's own address is not printed"


def test_unknown_options_are_named(older):
    refuses(errors.HyteError, "'no'", older, lang="no")
    refuses(errors.HyteError, "'letter'", older, kind="letter")
    refuses(errors.PlanError, "needs a Plan.*dict", older, plan={})
    refuses(errors.DisclosureError, "takes a Release", older, release=release().cells)


def test_progress_runs_to_its_end_and_can_stop_the_work(older):
    told = []
    reports.made(plan(), release(), "docx", kind="brief", progress=lambda *said: told.append(said))
    done = [one[0] for one in told]
    assert done == sorted(done)
    assert told[-1][:2] == (1000, 1000)
    assert all(words for _, _, words in told)
    refuses(Cancelled, "stopped", older, kind="brief", progress=lambda done, total, words: done < 500)


def test_steps_count_within_their_part():
    told = []
    steps = Steps(lambda done, total, words: told.append((done, words)))
    steps.part("numbers", 2)
    for word in ("a", "b", "c"):
        steps(word)
    steps.part("figures", 1)
    assert [done for done, _ in told] == [0, 125, 250, 250, 250], "more pieces than expected never run ahead"


def template(path, *lines):
    """An organisation's own Word file."""
    own = docx.Document()
    for line in lines:
        own.add_paragraph(line)
    own.save(path)
    return path


def test_a_template_is_filled_at_its_places(tmp_path):
    own = template(tmp_path / "own.docx", "{{ organisation }}: {{ title }}", "{{ content }}", "Loppu")
    path = reports.write(plan(), release(), tmp_path / "kertomus.docx", kind="brief", template=own, day=DAY)
    word = Word(path.read_bytes())
    said = [words for _, words, _ in word.blocks()]
    assert said[0] == "Alue: Suunnitelma <A & B>: tiivistelmä valtuustolle"
    assert said[-1] == "Loppu"
    assert not any("content" in words or "⟦" in words for words in said)
    assert "Tilanne lyhyesti" in said
    assert [fault for fault in word.faults() if "empty" not in fault] == []
    assert word.tables()[0][1][0][0] == "Tavoite"


def test_a_template_may_place_each_chapter(tmp_path):
    names = ("plan", "summary", "background", "description", "conclusions", "appendices")
    own = template(tmp_path / "own.docx", *(f"{{{{ {name} }}}}" for name in names))
    content = fill(own, document())
    headings = [said for style, said, _ in Word(content).blocks() if style == "Heading1"]
    assert headings[:2] == ["Hyvinvointisuunnitelma", "Tiivistelmä"], "in the template's own order"
    assert len(headings) == 6


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["Vain tekstiä"], r"lacks the named place \{\{ content \}\}"),
        (["{{ summary }}"], r"has no \{\{ background \}\}"),
        (["{{ content }} {{ sisalto }}"], "unknown places: sisalto"),
        (["{{ content "], "cannot be read"),
    ],
)
def test_a_template_without_the_named_places_is_refused(tmp_path, older, lines, said):
    refuses(errors.SourceError, said, older, template=template(tmp_path / "own.docx", *lines))


def test_a_template_that_is_no_word_file_is_refused(tmp_path, older):
    (tmp_path / "own.docx").write_text("not a zip")
    refuses(errors.SourceError, "not a Word file", older, template=tmp_path / "own.docx")
    refuses(errors.SourceError, "no template", older, template=tmp_path / "none.docx")


def test_documents_refuse_emptiness():
    with pytest.raises(errors.HyteError, match="is empty: say in it what is missing"):
        Section("Luku")
    with pytest.raises(errors.HyteError, match="needs a title"):
        Section(" ", (Paragraph("x"),))
    with pytest.raises(errors.HyteError, match="caption, headings and rows"):
        Table("Otsikko", ("a",), ())
    with pytest.raises(errors.HyteError, match="needs 2 cells"):
        Table("Otsikko", ("a", "b"), (("x",),))
    with pytest.raises(errors.HyteError, match="'loud'"):
        Paragraph("x", "loud")
    with pytest.raises(errors.HyteError, match="at least one chapter"):
        Document("Otsikko", "", "fi", ())


def test_numbering_is_by_kind_and_in_reading_order():
    table = Table("T", ("a",), ((Value(1.0, "0"),),))
    first, second = Figure(figure()), Figure(figure())
    document = Document("O", "", "sv", (Section("1", (first, table)), Section("2", (second,))))
    assert [document.label(one) for one in (first, table, second)] == ["Figur 1", "Tabell 1", "Figur 2"]


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """A plan file and a release folder."""
    folder = tmp_path_factory.mktemp("files")
    release().save(folder / "release")
    plan().save(folder / "plan.yml")
    return folder


def test_the_commands_are_there():
    assert {"report", "figure", "dashboard", "measures", "release"} <= set(typer.main.get_command(app).commands)


def test_hyte_report_writes_or_says_in_one_line_why_not(files, tmp_path):
    code, out, err = run(
        "report", files / "plan.yml", "--release", files / "release", "-o", tmp_path / "b.docx", "--kind", "brief"
    )
    assert code == 0, err
    assert "b.docx" in out
    assert Word((tmp_path / "b.docx").read_bytes()).faults() == []
    code, _, err = run("report", files / "plan.yml", "--release", files / "release", "-o", tmp_path / "no" / "b.docx")
    assert code == 1
    assert err.startswith("hyte: cannot write b.docx")
    assert len(err.strip().splitlines()) == 1


@pytest.mark.parametrize("suffix", ["docx", "pptx", "xlsx", "svg"])
def test_hyte_figure_writes_every_suffix(files, tmp_path, suffix):
    options = ("--release", files / "release", "--indicator", "smoking", "--dimension", "education", "--area", COUNTY)
    code, out, err = run("figure", "equiplot", *options, "-o", tmp_path / f"gap.{suffix}")
    assert code == 0, err
    assert (tmp_path / f"gap.{suffix}").stat().st_size > 1000
    assert "Päivittäin" in out


def test_hyte_figure_tells_what_a_kind_needs(files, tmp_path):
    base = ("--release", files / "release", "-o", tmp_path / "f.svg")
    assert run("figure", "county", "--area", COUNTY, *base)[0] == 0
    for arguments, said in (
        (("county", "--area", COUNTY, "--indicator", "smoking"), "leave --indicator out"),
        (("county",), "name the one area"),
        (("bars",), "--action"),
        (("equiplot", "--budget", "10"), "--budget belongs to bars, cards, "),
        (("pie",), "equiplot"),
    ):
        code, _, err = run("figure", *arguments, *base)
        assert code == 1, arguments
        assert said in err, arguments
