"""A fourth language is one file in a folder: it is spoken wherever one is named, and falls back where it is silent."""

import json
import os
import subprocess
import sys
import urllib.request

import pytest
from served import EXAMPLE, serving

from hyteanalysis.errors import HyteError
from hyteanalysis.i18n import languages

SAMI = {
    "language": {"name": "Davvisámegiella", "fallback": "fi", "locale": "se_FI"},
    "figure.areas": {
        "number": {"one": "{number} guovlu", "two": "{number} guovllu", "other": "{number} guovlluid"},
    },
    "figure.alt.equiplot": "Erohusgovva. {title}, {area}, {period}.",
    "finding.worst.clear": "Heajumus dilli lea joavkkus {group}: {level}.",
    "app.page.missa-mennaan": "Gos mii leat",
}
SPEAK = """
import json, re, sys
import pandas as pd
import hyteanalysis as hyte
from hyteanalysis import i18n, places
from hyteanalysis.sources.example import folder as example

release = hyte.Release.open(places.committed("releases", "example"))
cells = release.cells
row = cells[cells["dimension"].eq("education") & cells["estimate"].notna()].iloc[0]
asked = {"indicator": row["indicator"], "dimension": "education"}
plan = hyte.Plan.read(places.committed("plans", "example.yml"))
report = hyte.reports.write(plan, release, sys.argv[1] + "/brief.html", lang="se", kind="brief")
action = hyte.Action.read(next(iter(hyte.actions.library().values())))
figure = hyte.figures.equiplot(release, **asked, lang="se")
hyte.set_language("se")
metadata = {"indicator": ["own"], "title_se": ["Oktovuohta"], "unit": ["%"], "kind": ["proportion"], "scale": [100]}
own = pd.DataFrame({**metadata, "favourable": [False]})
tidied = hyte.tidy(row.to_frame().T.assign(indicator="own"), own)
example.schema()
found = {
    "own": [len(tidied), i18n.own_text(own.iloc[0], "title", "se")[0]],
    "langs": i18n.LANGS,
    "areas": [i18n.text("figure.areas", "se", number=i18n.integer(one, "se")) for one in (1, 2, 3)],
    "points": i18n.text("unit.points", "se", number=i18n.integer(1, "se")),
    "number": [i18n.number(-1234.5, "se"), i18n.percent(3.25, "se"), i18n.date("2026-03-09", "se")],
    "session": hyte.finding(release, **asked, area=row["area"]).sentences(),
    "finnish": hyte.finding(release, **asked, area=row["area"]).sentences("fi"),
    "alt": figure.alt,
    "report": re.search("<html[^>]*>", report.read_text(encoding="utf-8")).group(0),
    "area": hyte.areas.name("KU285", "se"),
    "action": [action.label("se"), hyte.Action.from_dict({**action.to_dict(), "name": {"se": "Doaibma"}}).label("se")],
    "plan": plan.changed(language="se").language,
    "check": plan.check(lang="se").equals(plan.check(lang="fi")),
}
print(json.dumps(found))
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    (tmp_path / "se.json").write_text(json.dumps(SAMI), encoding="utf-8")
    monkeypatch.setenv("HYTE_LANGUAGES", str(tmp_path))
    return tmp_path


def run(*command):
    made = subprocess.run(command, capture_output=True, text=True, timeout=240, env=dict(os.environ), check=False)
    assert made.returncode == 0, made.stderr
    return made.stdout


def test_one_file_makes_a_language_that_speaks_everywhere(folder):
    said = json.loads(run(sys.executable, "-c", SPEAK, str(folder)))
    assert said["own"] == [1, "Oktovuohta"], "a title in it alone is a title"
    assert said["langs"] == ["fi", "sv", "en", "se"]
    assert said["areas"] == ["1 guovlu", "2 guovllu", "3 guovlluid"], "Northern Sámi has a dual"
    assert said["points"] == "1 prosenttiyksikkö", "said in Finnish, by the plural rule of Finnish"
    assert said["number"] == ["−1\xa0234,5", "3,2\xa0%", "9.3.2026"]
    assert said["session"][0].startswith("Heajumus dilli lea joavkkus ")
    assert said["session"][1:] == said["finnish"][1:]
    assert said["alt"].startswith("Erohusgovva. ")
    assert 'lang="se"' in said["report"]
    assert said["area"] == "Kotka"
    assert said["action"][1] == "Doaibma"
    assert said["plan"] == "se"
    assert said["check"]


def test_the_command_lists_what_a_language_lacks(folder):
    said = run(sys.executable, "-c", "import hyteanalysis.cli as cli; cli.main()", "languages").splitlines()
    at = next(place for place, line in enumerate(said) if line.startswith("se  Davvisámegiella: 4 texts, "))
    assert said[at].endswith(" missing, said in fi")
    lacking = {line.strip() for line in said[at + 1 :]}
    assert "unit.points" in lacking
    assert not lacking & set(SAMI)
    assert all(line.endswith("complete") for line in said[:at])


def test_its_pages_are_served_at_their_addresses(folder):
    with serving(folder, EXAMPLE, preheat=0) as address:
        front = urllib.request.urlopen(f"{address}/?kieli=se", timeout=60).read().decode()
        page = urllib.request.urlopen(f"{address}/voila/render/missa-mennaan.se.ipynb", timeout=120).read().decode()
    assert 'href="/voila/render/missa-mennaan.se.ipynb"' in front
    assert ">Davvisámegiella<" in front
    for html in (front, page):
        assert '<html lang="se"' in html
        assert "Gos mii leat" in html


@pytest.mark.parametrize(
    ("head", "message"),
    [
        ({"name": "X", "fallback": "xx"}, "fallback must be one of"),
        ({"name": "X", "fallback": "se"}, "not fall back on 'se'"),
        ({"name": "X", "fallback": "fi", "locale": "qq_QQ"}, "Babel knows no locale 'qq_QQ'"),
        ({"name": "X", "fallback": "fi", "lokale": "se_FI"}, "does not know 'lokale'"),
        ({"fallback": "fi"}, "needs a name"),
        ({"name": "X", "locale": "se_FI"}, "needs date in its head"),
        (None, "is no language"),
    ],
)
def test_a_faulty_head_is_refused_by_file_and_field(folder, head, message):
    (folder / "se.json").write_text(json.dumps({"language": head} if head is not None else {}), encoding="utf-8")
    with pytest.raises(HyteError, match=message) as error:
        languages._all()
    assert "se.json" in str(error.value)


def test_a_language_that_is_there_already_and_a_folder_that_is_not_are_refused(folder, monkeypatch):
    (folder / "fi.json").write_text(json.dumps(SAMI), encoding="utf-8")
    with pytest.raises(HyteError, match="'fi' is there already"):
        languages._all()
    monkeypatch.setenv("HYTE_LANGUAGES", str(folder / "none"))
    with pytest.raises(HyteError, match="which is no folder"):
        languages._all()
