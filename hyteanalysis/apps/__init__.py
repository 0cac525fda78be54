"""The dashboards: State (traitlets) → compute(state) → ViewModel (pure) → render (widgets), one class a page.

A new page: a selection and its traits (`address.py`), a subclass of `base.Dashboard`, a line in `_PAGES` here, its name
in `frame.PAGES`, the texts ``app.page.NAME`` and ``app.lead.NAME``, and ``dashboards/NAME.LANG.ipynb`` of one cell. The
server, the navigation and the tests of notebooks find it by those.
"""

from importlib import import_module
from typing import Any

_PAGES = {
    "Hyvinvointisuunnitelma": "hyvinvointisuunnitelma",
    "KetaAuttaaEniten": "keta_auttaa_eniten",
    "MissaMennaan": "missa_mennaan",
}

__all__ = ["Hyvinvointisuunnitelma", "KetaAuttaaEniten", "MissaMennaan"]


def __getattr__(name: str) -> Any:
    if name not in _PAGES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_PAGES[name]}"), name)
