"""The dashboards: State (traitlets) → compute(state) → ViewModel (pure) → render (widgets), one class a page."""

from importlib import import_module
from typing import Any

_PAGES = {"MissaMennaan": "missa_mennaan"}

__all__ = ["MissaMennaan"]


def __getattr__(name: str) -> Any:
    if name not in _PAGES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_PAGES[name]}"), name)
