"""The pages there are, in the order of the navigation: server, front page, navigation and kernel forks read this list.

``python -m hyteanalysis.apps.pages`` writes the notebook of each page and language into ``dashboards/``.
"""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hyteanalysis import i18n, places


@dataclass(frozen=True)
class Page:
    """A page.

    Attributes
    ----------
    name : str
        In its address and the names of its notebooks; its title and lead are ``app.page.NAME`` and ``app.lead.NAME``.
    room : str
        The folder of ``hyteanalysis/apps`` whose module ``page`` holds it.
    dashboard : str
        Its class there, a ``Dashboard``.
    """

    name: str
    room: str
    dashboard: str

    @property
    def module(self) -> str:
        """The module that holds it, by its full name."""
        return f"hyteanalysis.apps.{self.room}.page"


PAGES = (
    Page("missa-mennaan", "where", "MissaMennaan"),
    Page("keta-auttaa-eniten", "benefit", "KetaAuttaaEniten"),
    Page("hyvinvointisuunnitelma", "planning", "Hyvinvointisuunnitelma"),
)


def notebooks(folder: Path) -> list[str]:
    """Names ``page.lang`` of the pages that exist in a folder of dashboards, in the order of the navigation."""
    names = [f"{page.name}.{lang}" for page in PAGES for lang in i18n.LANGS]
    return [name for name in names if (folder / f"{name}.ipynb").is_file()]


def notebook(page: Page, lang: str) -> dict[str, Any]:
    """A page in a language as its notebook of one cell."""
    source = [f"from hyteanalysis.apps import {page.dashboard}\n", "\n", f'{page.dashboard}(lang="{lang}").show()']
    cell: dict[str, Any] = {
        "cell_type": "code",
        "execution_count": None,
        "id": "app",
        "metadata": {},
        "outputs": [],
        "source": source,
    }
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    about: dict[str, Any] = {"hyte": {"lang": lang}, "kernelspec": kernel, "language_info": {"name": "python"}}
    about["title"] = i18n.text(f"app.page.{page.name}", lang)
    return {"cells": [cell], "metadata": about, "nbformat": 4, "nbformat_minor": 5}


def write_notebooks(folder: Path) -> None:
    """Write the notebook of each page and language into a folder."""
    for page in PAGES:
        for lang in i18n.LANGS:
            made = json.dumps(notebook(page, lang), ensure_ascii=False, indent=1)
            (folder / f"{page.name}.{lang}.ipynb").write_text(made + "\n", encoding="utf-8")


def in_every_language(folder: Path, work: Path) -> Path:
    """A folder of dashboards; where a further language has no notebooks there, a copy under ``work`` that has them."""
    there = {name.rpartition(".")[2] for name in notebooks(folder)}
    if there >= {*i18n.LANGS}:
        return folder
    copied = Path(shutil.copytree(folder, work / "dashboards"))
    write_notebooks(copied)
    return copied


if __name__ == "__main__":
    write_notebooks(places.dashboards())
