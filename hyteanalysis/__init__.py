"""Inequality between population groups: measures, actions, disclosure-safe releases, figures and reports.

The names below are the whole public API. They are loaded when first used (PEP 562), so that
``import hyteanalysis`` stays as quick as importing pandas.
"""

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

# public name -> where it is bound
_PUBLIC = {
    "tidy": "hyteanalysis.cells",
    "aggregate": "hyteanalysis.sources.microdata",
    "concentration": "hyteanalysis.sources.microdata",
    "disparity": "hyteanalysis.inequality",
    "disparity_change": "hyteanalysis.inequality",
    "disparity_individual": "hyteanalysis.inequality",
    "disparity_trend": "hyteanalysis.inequality",
    "achievement": "hyteanalysis.inequality",
    "measures": "hyteanalysis.inequality",
    "ede": "hyteanalysis.inequality",
    "Policy": "hyteanalysis.disclosure",
    "Release": "hyteanalysis.disclosure",
    "release": "hyteanalysis.disclosure",
    "HyteError": "hyteanalysis.errors",
    "TidyError": "hyteanalysis.errors",
    "MeasureError": "hyteanalysis.errors",
    "SourceError": "hyteanalysis.errors",
    "DisclosureError": "hyteanalysis.errors",
    "PlanError": "hyteanalysis.errors",
    "standardise": "hyteanalysis.rates",
    "adjusted": "hyteanalysis.rates",
    "finding": "hyteanalysis.findings",
    "Finding": "hyteanalysis.findings",
    "Action": "hyteanalysis.actions",
    "impact": "hyteanalysis.actions",
    "scenarios": "hyteanalysis.actions",
    "allocate": "hyteanalysis.actions",
    "compare": "hyteanalysis.actions",
    "switch_value": "hyteanalysis.actions",
    "decompose": "hyteanalysis.decomposition",
    "maihda": "hyteanalysis.intersectional",
    "Plan": "hyteanalysis.plan",
    "set_language": "hyteanalysis.i18n",
}
_MODULES = (
    *(
        "actions",
        "areas",
        "decomposition",
        "disclosure",
        "evidence",
        "figures",
        "i18n",
        "inequality",
        "intersectional",
        "plan",
    ),
    *("rates", "reports", "small_areas", "sources", "spatial", "survey"),
)

__all__ = [*_PUBLIC, *_MODULES]


def __getattr__(name: str) -> Any:
    if name in _PUBLIC:
        value = getattr(import_module(_PUBLIC[name]), name)
    elif name in _MODULES:
        value = import_module(f"hyteanalysis.{name}")
    else:
        raise AttributeError(f"module 'hyteanalysis' has no attribute {name!r}; it has {', '.join(__all__)}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
