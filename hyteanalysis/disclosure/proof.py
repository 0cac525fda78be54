"""The audit of a release from its files alone, as anybody can do it: what is shown, attacked once more."""

from collections.abc import Sequence

import pandas as pd

from hyteanalysis.cells import KEYS
from hyteanalysis.disclosure.attack import AuditResult, attacked, audit_result, checked, keyed
from hyteanalysis.disclosure.geography import Stored, Trees
from hyteanalysis.disclosure.ledger import EMPTIED, ledger
from hyteanalysis.disclosure.released import Release
from hyteanalysis.disclosure.system import Lattice, blocks
from hyteanalysis.progress import bar


def audit(
    release: Release,
    *,
    previous: Sequence[Release] = (),
    hierarchy: pd.DataFrame | None = None,
    progress: bool | None = None,
) -> AuditResult:
    """Attack a release once more, knowing no more than its readers do.

    Answers: *does the folder that lies here still keep what it hides?* A shown count below the minimum fails; so does a
    hidden one of which readers can tell that it is below, though not zero. The same holds for the people without the
    outcome where the policy protects them. Which hidden numbers are hidden for their own sake, and that each of these
    may be anything from nothing to the minimum, was proven when the release was made; files do not tell, on purpose.

    Parameters
    ----------
    release : Release
    previous : sequence of Release, optional
        Earlier releases that readers have too.
    hierarchy : DataFrame, optional
        ``area, parent``; by default what the release keeps, else the official one.
    progress : bool, optional
        Show a bar. None: where somebody waits, on a terminal or in a notebook, once it takes longer than a second.

    Returns
    -------
    AuditResult
        ``safe``; ``unsafe``: keys, feasible interval ``low, high`` and ``reason`` of each number that fails.

    Raises
    ------
    DisclosureError
        Shown numbers that contradict one another.

    Examples
    --------
    >>> import pandas as pd, hyteanalysis as hyte
    >>> cells = pd.DataFrame({"area": ["east", "west"], "estimate": [2.0, 20.0], "events": [2, 20]})
    >>> cells = cells.assign(indicator="lonely", period="2024", dimension="total", group="total", population=100)
    >>> audit(hyte.release(cells, policy=hyte.Policy())).safe
    True
    """
    policy, cells, indicators = release.policy, release.cells, release.indicators
    if not policy.protects:
        return audit_result([], len(cells), int((cells["status"] == "suppressed").sum()))
    rows = ledger(cells, indicators, policy=policy, previous=previous)
    own = rows["cell"] >= 0
    emptied = cells[cells.columns.intersection(EMPTIED)].isna().all(axis=1) & (cells["status"] == "suppressed")
    rows["hidden"] = rows["hidden"].where(~own, rows["cell"].map(emptied).eq(True)) & rows["low"].isna()
    counted = rows.groupby("indicator")["people"].transform("count") > 0
    rows["people_hidden"] = rows["hidden"] & rows["people"].isna() & counted
    geography = _geography(release, pd.concat([cells, *(one.cells for one in previous)]), hierarchy)
    least = 0 if policy.zeros == "hidden" else 1
    found = [_shown(rows)]
    known: dict[bytes, Lattice] = {}
    total = int(rows["hidden"].sum())
    with bar(total=total, what="auditing", unit="number", shown=progress) as line:
        for block in blocks(rows, release.manifest.get("exhaustive", ())):
            if not block.rows["hidden"].any() and not block.rows["low"].isna().any():
                continue
            line.set_postfix_str(block.name[:40])
            made = checked(block, geography.of(block.period), least, block.people_hidden, known)
            named = keyed(made, attacked(made, insider=False, exact=True, progress=line.update), block.period)
            found.append(named[named["kind"] == "unseen"])
    result = pd.concat([one for one in found if len(one)] or found[:1], ignore_index=True)
    if policy.protect_complement:
        result = _complements(result, rows, least)
    return audit_result([result], len(cells), int(emptied.sum()))


def _geography(release: Release, cells: pd.DataFrame, hierarchy: pd.DataFrame | None) -> Stored | Trees:
    """Which area lies in which, as the manifest keeps it; anew where earlier releases have further areas."""
    stored = Stored.from_list(list(release.manifest.get("geography") or ()))
    if hierarchy is None and stored.holds(cells[["period", "area"]].drop_duplicates()):
        return stored
    return Trees(cells, hierarchy)


def _shown(rows: pd.DataFrame) -> pd.DataFrame:
    """Numbers that stand there although the policy calls them unsafe."""
    bad = rows[rows[["small", "complement", "few"]].any(axis=1) & ~rows["hidden"] & (rows["cell"] >= 0)]
    bad = bad[bad["low"].notna() | bad["few"]]
    named = bad[[*KEYS, "low", "high"]]
    return named.assign(kind="shown", safe=False, reason="shown")


def _complements(found: pd.DataFrame, rows: pd.DataFrame, least: int) -> pd.DataFrame:
    """The same of the people without the outcome, where readers know how many people there are."""
    both = found.merge(rows[[*KEYS, "people", "k"]], on=KEYS, how="left", validate="many_to_one")
    low, high = both["people"] - both["high"], both["people"] - both["low"]
    certain = (low >= least) & (high < both["k"]) & both["safe"]
    both.loc[certain, "safe"] = False
    both.loc[certain, "reason"] = "certain that few are without"
    return both[found.columns]
