"""An impact as the sheets of a workbook: what `hyte benefit` writes."""

import pandas as pd

from hyteanalysis.actions.allocation import allocate
from hyteanalysis.actions.impact import Impact
from hyteanalysis.actions.program import Shares
from hyteanalysis.actions.scenarios import Scenarios, scenarios

SHEETS = (
    *("by_group", "groups", "totals", "rankings", "inequality", "plane", "tornado", "information", "assumptions"),
    *("left_out", "notes"),
)
BUDGET_SHEETS = ("scenarios", "differences", "allocation", "binding")


def report_frames(
    impact: Impact, *, budget: float | None = None, caps: Shares = 1.0, floors: Shares = 0.0, lang: str = "en"
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
    frames = {
        "by_group": impact.by_group,
        "groups": impact.pooled,
        "totals": impact.totals,
        "rankings": impact.rankings(),
        "inequality": impact.inequality,
        "plane": impact.plane(),
        "tornado": impact.tornado(),
        "information": impact.information(),
        "assumptions": impact.assumptions,
        "left_out": impact.left_out,
        "notes": _notes(impact, lang),
    }
    if budget is None:
        return frames
    found = scenarios(impact, budget=budget, caps=caps, floors=floors, detail=True)
    assert isinstance(found, Scenarios)
    best = allocate(impact, budget=budget, caps=caps, floors=floors)
    worth = pd.DataFrame({"constraint": ["budget"], "area": [""], "group": [""], "price": [best.shadow_price]})
    return {
        **frames,
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
