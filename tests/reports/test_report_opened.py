"""LibreOffice opens every file type without repair, and the council brief really has two pages."""

import shutil
import subprocess

import pytest
from reported import DAY, document, plan, release, word

from hyteanalysis import reports
from hyteanalysis.reports import pptx, xlsx

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        shutil.which("soffice") is None or shutil.which("pdfinfo") is None,
        reason="LibreOffice (soffice) and poppler (pdfinfo) are not installed",
    ),
]


def opened(content, name, folder):
    """Facts of the PDF that LibreOffice makes of a file, by name."""
    (folder / name).write_bytes(content)
    profile = f"-env:UserInstallation=file://{folder}/profile"
    command = ["soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", folder, folder / name]
    done = subprocess.run(command, capture_output=True, text=True, timeout=180, check=True)
    assert "Error" not in done.stderr
    pdf = (folder / name).with_suffix(".pdf")
    told = subprocess.run(["pdfinfo", pdf], capture_output=True, text=True, check=True).stdout
    return {line.partition(":")[0]: line.partition(":")[2].strip() for line in told.splitlines()}


@pytest.mark.parametrize("suffix", ["docx", "pptx", "xlsx"])
def test_libreoffice_opens_the_report(suffix, tmp_path):
    made = {
        "docx": word,
        "pptx": lambda: pptx.render(document("fi", "pptx")),
        "xlsx": lambda: xlsx.render(document()),
    }[suffix]()
    facts = opened(made, f"kertomus.{suffix}", tmp_path)
    assert int(facts["Pages"]) > 8
    assert facts["Title"] == "Suunnitelma <A & B>"


@pytest.mark.parametrize("lang", ["fi", "sv", "en"])
def test_the_brief_is_two_pages_on_paper(lang, tmp_path):
    content = reports.made(plan(), release(), "docx", kind="brief", lang=lang, day=DAY)
    facts = opened(content, "tiivistelma.docx", tmp_path)
    assert facts["Pages"] == "2"
    assert facts["Page size"].startswith("595")
