"""The states of page B beside its answer, in three languages: nothing chosen, figures hidden, the county's instead."""

import pytest
from released import COUNTRY, COUNTY, education, made, smoking, total
from served import serving, settled

from hyteanalysis import i18n
from hyteanalysis.i18n import text

from .conftest import TIMEOUT, choose, cut, violations

pytestmark = pytest.mark.browser

ACTION = """\
id: {id}
name: {{fi: {id} fi, sv: {id} sv, en: {id} en}}
outcome: {outcome}
dimension: education
effect: {{scale: rr, value: 0.80, lower: 0.70, upper: 0.92}}
reach: {{value: 0.30, by_group: {{low: 0.20, high: 0.40}}}}
cost: {{per_person: 100}}
"""
HIDDEN = ("suppressed",) * 3


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """Smoking with its groups, and voting whose groups are hidden everywhere, with an action for each."""
    folder = tmp_path_factory.mktemp("small")
    hidden = [
        row for area in (COUNTY, COUNTRY) for row in education("voting", area, "2022", (60, 70, 80), statuses=HIDDEN)
    ]
    wholes = [total("voting", area, "2022", 70.0) for area in (COUNTY, COUNTRY)]
    made([*smoking(), *hidden, *wholes]).save(folder / "release")
    (folder / "actions").mkdir()
    for identity, outcome in {"quit": "smoking", "vote": "voting"}.items():
        written = ACTION.format(id=identity, outcome=outcome)
        (folder / "actions" / f"{identity}.yml").write_text(written, encoding="utf-8")
    with serving(folder, folder / "release", actions=str(folder / "actions"), preheat=0) as address:
        yield address


@pytest.mark.parametrize("lang", i18n.LANGS)
def test_axe_finds_nothing_and_nothing_is_cut_where_there_is_no_answer_of_ones_own(chromium, small, lang):
    page = chromium.new_page(viewport={"width": 1280, "height": 900})
    page.set_default_timeout(TIMEOUT)
    page.goto(f"{small}/voila/render/keta-auttaa-eniten.{lang}.ipynb?alue=&toimi=quit", wait_until="commit")
    page.wait_for_selector(".hyte-ready", state="attached")
    settled(page)
    said = page.locator("main").inner_text()
    assert text("app.benefit.nothing", lang) in said
    assert page.locator("figure").count() == 0
    assert page.locator("select:visible").count() == 3, "only what is needed to begin"
    assert not violations(page)

    page.get_by_role("button", name=text("app.example", lang)).click()
    page.locator("#hyte-answer li").first.wait_for()
    settled(page)
    choose(page, text("app.area", lang), {"fi": "Tampere", "sv": "Tammerfors", "en": "Tampere"}[lang])
    assert text("app.badge.county", lang) in page.locator(".hyte-answer .hyte-badge").inner_text()
    assert not violations(page)
    assert cut(page) == []

    choose(page, text("app.benefit.action", lang), f"vote {lang}")
    said = page.locator("main").inner_text()
    assert text("app.benefit.cannot", lang) in said
    assert page.locator("figure:visible").count() == 0
    assert not violations(page)
    page.goto("about:blank")
    page.close()
