"""Full-page pictures of every dashboard in three languages, for looking at: `python tests/browser/screenshots.py`.

They go to ``screenshots/``, which git ignores: wide, narrow (320 px) and wide in grey, of the practice data and of
official figures. With ``--readme`` only the
pictures of README are made, in ``docs/screenshots/``.
"""

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from served import CHROMIUM, EXAMPLE, FLAGS, PAGES, ROOT, serving, settled, there

from hyteanalysis.disclosure import Release
from hyteanalysis.i18n import LANGS, text

OUT = ROOT / "screenshots"
README = ROOT / "docs" / "screenshots"
SHOWN = "alue=HVA08&ind=example-smoking&ryhma=education"
OFFICIAL = ROOT / "data" / "releases" / "real"
REAL = "alue=SSS&ind=finsote-2020-regular-help&ryhma=education"  # the front page's own choice, without practice data
LOOKS = {
    "wide": (1280, ""),
    "narrow": (320, ""),
    "grey": (1280, "document.documentElement.style.filter='grayscale(1)'"),
}


def shot(browser: Browser, url: str, width: int, height: int, script: str, path: Path, *, whole: bool) -> None:
    """One picture of one page when all of it is shown; where a plan may be opened, with the example."""
    page = browser.new_page(viewport={"width": width, "height": height})
    page.set_default_timeout(120_000)
    page.goto(url, wait_until="commit")
    page.wait_for_selector(".hyte-ready", state="attached")
    page.wait_for_timeout(500)  # a narrow screen asks for its own figures
    settled(page)
    for lang in LANGS:
        example = page.get_by_role("button", name=text("app.plan.example", lang), exact=True)
        if example.count():
            example.first.click()
            page.wait_for_timeout(500)
            settled(page)
    if script:
        page.evaluate(script)
    page.screenshot(path=path, full_page=whole)
    page.goto("about:blank")  # left as a visitor leaves it: the page's kernel ends and its seat is free
    page.close()
    print(path.relative_to(ROOT), f"{path.stat().st_size / 1000:.0f} kB", flush=True)


def main(*, readme: bool) -> None:
    """Take them."""
    with tempfile.TemporaryDirectory() as work, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        with serving(Path(work), OFFICIAL, EXAMPLE, actions=str(ROOT / "data" / "actions"), preheat=0) as address:
            practice = f"{SHOWN}&aineisto={Release.open(EXAMPLE).id}"
            if readme:
                README.mkdir(parents=True, exist_ok=True)
                for name in (page for page in PAGES if there(page)):
                    url = f"{address}/voila/render/{name}.fi.ipynb?{REAL if name == PAGES[0] else practice}"
                    shot(browser, url, 1200, 1150, "", README / f"{name}.png", whole=False)
            else:
                OUT.mkdir(exist_ok=True)
                for name in (page for page in PAGES if there(page)):
                    for lang in ("fi", "sv", "en"):
                        for look, (width, script) in LOOKS.items():
                            for kind, query in {"": practice, "real.": REAL}.items():
                                url = f"{address}/voila/render/{name}.{lang}.ipynb?{query}"
                                path = OUT / f"{name}.{lang}.{kind}{look}.png"
                                shot(browser, url, width, 900, script, path, whole=True)
        browser.close()


if __name__ == "__main__":
    main(readme="--readme" in sys.argv[1:])
