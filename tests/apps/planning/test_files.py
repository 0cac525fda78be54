"""Plans opened and saved on page C: nothing open or typed is lost by a wrong file or a failed one."""

import io
import zipfile

import pytest
from planned import CODE, PLAN, filled, upload

from hyteanalysis.apps.planning import files
from hyteanalysis.apps.planning.edits import Refused

REFUSED = {
    "newer": PLAN.read_bytes().replace(b"schema_version: 2", b"schema_version: 9"),
    "personal_file": PLAN.read_bytes().replace(b"Terveyden", CODE.encode()),
    "no_plan": b"\xff\xfe\x00",
    "faulty": PLAN.read_bytes().replace(b"role: lead", b"role: boss"),
    "too_large": b"a" * (files.LARGEST + 1),
}


@pytest.mark.parametrize("code", REFUSED)
def test_a_wrong_upload_leaves_the_open_plan_and_what_was_typed(page, code):
    page.forms["experience"].fields["text"].value = "Puolivalmis kokemus"
    before = page.editions.plan
    upload(page, REFUSED[code])
    assert page.editions.plan is before
    assert Refused(code).words("fi") in page.opened.value.replace("&quot;", '"')
    assert "ennallaan" in page.opened.value
    assert CODE not in page.opened.value
    assert page.forms["experience"].fields["text"].value == "Puolivalmis kokemus"


def test_a_right_upload_is_opened_and_can_be_undone(page):
    other = PLAN.read_bytes().replace(b"Kymenlaakson hyvinvointisuunnitelma", b"Oma suunnitelma")
    upload(page, other)
    assert page.editions.plan.title.startswith("Oma suunnitelma")
    assert "Oma suunnitelma" in page.texts["answer"].value
    page._undone()
    assert page.editions.plan.title.startswith("Kymenlaakson")


def test_the_plan_is_saved_as_a_file_and_opens_again(page):
    filled(page, "actor", name="Uusi toimija")
    assert page.editions.now.unsaved == 1
    page.save.make("yml")
    assert page.editions.now.unsaved == 0
    assert 'download="kymenlaakson-hyvinvointisuunnitelma-2026-2029.yml"' in page.save.file.value
    import base64

    content = base64.b64decode(page.save.file.value.split("base64,")[1].split('"')[0])
    assert files.opened(content, "x.yml").to_dict() == page.editions.plan.to_dict()
    filled(page, "actor", name="Toinen toimija")
    assert "ennen viimeisimpiä muutoksia" in page.save.file.value
    page._undone()
    assert "ennen viimeisimpiä muutoksia" not in page.save.file.value


def test_all_files_are_made_in_one_press_and_a_failed_one_loses_nothing(page, monkeypatch):
    monkeypatch.setattr(files.reports, "made", lambda plan, release, kind, **_: kind.encode())
    content = files.content("zip", page.editions.plan, None, "fi", lambda *_: True)
    names = zipfile.ZipFile(io.BytesIO(content)).namelist()
    assert [name.rpartition(".")[2] for name in names] == ["docx", "pptx", "xlsx", "yml"]
    page.export.make("docx")
    earlier, before = page.export.file.value, page.editions.plan
    assert "Lataa" in earlier

    def fail(*_, **__):
        raise OSError("no room")

    monkeypatch.setattr(files.reports, "made", fail)
    with pytest.raises(OSError, match="no room"):
        page.export.make("docx")
    assert page.export.file.value == earlier
    assert page.editions.plan is before
