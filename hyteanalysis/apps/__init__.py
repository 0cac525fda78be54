"""The dashboards: State (traitlets) → compute(state) → ViewModel (pure) → render (widgets), one room a page.

The class of each page of :mod:`hyteanalysis.apps.pages` is here by its name, imported when first asked for.
"""

from importlib import import_module
from typing import Any


def __getattr__(name: str) -> Any:
    from hyteanalysis.apps.pages import PAGES  # here, so that it can be run as a command too

    for page in PAGES:
        if page.dashboard == name:
            return getattr(import_module(page.module), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
