"""An impact as the sheets of a workbook: what `hyte benefit` writes."""

from collections.abc import Callable

import pandas as pd

from hyteanalysis.actions.allocation import Shares, allocate
from hyteanalysis.actions.benefit import Impact
from hyteanalysis.actions.budget import Scenarios, scenarios
from hyteanalysis.i18n import spoken
from hyteanalysis.progress import bar

SHEETS = (
    *("by_group", "groups", "totals", "rankings", "inequality", "plane", "tornado", "information", "assumptions"),
    *("left_out", "notes"),
)
BUDGET_SHEETS = ("scenarios", "differences", "allocation", "binding")


@spoken
def report_frames(
    impact: Impact,
    *,
    budget: float | None = None,
    caps: Shares | None = None,
    floors: Shares = 0.0,
    lang: str = "en",
    progress: bool | None = None,
) -> dict[str, pd.DataFrame]:
    """Everything an impact says, one frame a sheet.

    Parameters
    ----------
    impact : Impact
    budget : float, optional
        Euros; adds the sheets ``scenarios, differences, allocation, binding``.
    caps, floors : float or {group: share}
        As :func:`allocate`.
    lang : {"fi", "sv", "en"}
        Language of the sheet ``notes``.
    progress : bool, optional
        Show a bar. None: where somebody waits, on a terminal or in a notebook, once it takes longer than a second.

    Returns
    -------
    dict
        Sheet → frame. ``notes`` holds the sentences of the answer and of the assumptions, and where the numbers come
        from: a release's id, or that they are the researcher's own, made from raw cells.

    Raises
    ------
    PlanError
        As :func:`allocate`.

    Examples
    --------
    >>> from hyteanalysis.actions.reporting import SHEETS
    >>> SHEETS[:3]
    ('by_group', 'groups', 'totals')
    """
    shared = _shared(impact, budget, caps, floors) if budget is not None else {}
    makers: dict[str, Callable[[], pd.DataFrame]] = {
        "by_group": lambda: impact.by_group,
        "groups": lambda: impact.pooled,
        "totals": lambda: impact.totals,
        "rankings": lambda: impact.rankings(),
        "inequality": lambda: impact.inequality,
        "plane": lambda: impact.plane(),
        "tornado": lambda: impact.tornado(),
        "information": lambda: impact.information(),
        "assumptions": lambda: impact.assumptions,
        "left_out": lambda: impact.left_out,
        "notes": lambda: _notes(impact, lang),
    }
    described = bar(makers.items(), what="describing", unit="sheet", shown=progress)
    return {**{sheet: make() for sheet, make in described}, **shared}


def _shared(impact: Impact, budget: float, caps: Shares | None, floors: Shares) -> dict[str, pd.DataFrame]:
    """The sheets of a budget; made first, since a budget may be refused."""
    found = scenarios(impact, budget=budget, caps=caps, floors=floors, detail=True)
    assert isinstance(found, Scenarios)
    best = allocate(impact, budget=budget, caps=caps, floors=floors)
    worth = pd.DataFrame({"constraint": ["budget"], "area": [""], "group": [""], "price": [best.shadow_price]})
    return {
        "scenarios": found.frame,
        "differences": found.differences,
        "allocation": best.frame,
        "binding": best.binding if len(best.binding) else worth,
    }


def _notes(impact: Impact, lang: str) -> pd.DataFrame:
    origin = f"release {impact.release}" if impact.release else "the researcher's own, from cells that are not released"
    about = [
        ("action", f"{impact.action.id}: {impact.action.label(lang)}"),
        ("period", impact.baseline.period),
        ("draws", str(impact.simulation.draws)),
        ("numbers", origin),
    ]
    said = [("answer", sentence) for sentence in impact.sentences(lang)]
    assumed = [("assumption", sentence) for sentence in impact.notes(lang)]
    return pd.DataFrame([*about, *said, *assumed], columns=["kind", "text"])
