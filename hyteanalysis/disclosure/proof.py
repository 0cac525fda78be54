"""The proof: every number hidden for its own sake is attacked, by linear programming, integers and an insider."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from hyteanalysis.cells import KEYS
from hyteanalysis.disclosure.attack import Attack
from hyteanalysis.disclosure.program import CLOSE, Component, Floats
from hyteanalysis.disclosure.system import System
from hyteanalysis.display import shown
from hyteanalysis.i18n import integer, language, text

FOUND = ["row", "kind", "low", "high", "safe", "reason", "insider"]


@dataclass(frozen=True)
class AuditResult:
    """What an attacker found.

    Attributes
    ----------
    intervals : DataFrame
        One row a number attacked: keys, ``kind``, ``low, high`` (feasible interval), ``safe``, ``reason``.
    unsafe : DataFrame
        The rows of ``intervals`` that are not safe.
    summary : dict
        Counts of what was attacked and found.
    """

    intervals: pd.DataFrame
    summary: dict[str, object]

    @property
    def unsafe(self) -> pd.DataFrame:
        """The numbers that an attacker can tell too closely."""
        return self.intervals[~self.intervals["safe"].astype(bool)].reset_index(drop=True)

    @property
    def safe(self) -> bool:
        """Whether nothing was found."""
        return bool(self.intervals["safe"].all())

    def _repr_html_(self) -> str:
        lang = language()
        state = "unsafe" if not self.safe else "safe" if len(self.intervals) else "nothing"
        said = text(f"display.audit.{state}", lang, number=integer(len(self.unsafe), lang))
        names = {
            "cells": text("display.cells", lang),
            "suppressed": text("display.suppressed", lang),
            "attacked": text("display.attacked", lang),
        }
        facts = {name: integer(float(str(self.summary[key])), lang) for key, name in names.items()}
        return shown(text("display.audit", lang), said=[said], facts=facts, frame=None if self.safe else self.unsafe)


def attacked(
    system: System, *, insider: bool = True, exact: bool = False, progress: Callable[[int], object] | None = None
) -> pd.DataFrame:
    """One row a hidden target: its interval, whether it is safe, and why not (``row, kind, low, high, …``).

    The LP's interval holds the integers', so a number that the LP finds unsafe is unsafe; one that it finds safe is
    proven by a whole table at each end. Where tables met for other numbers prove it already, no question is asked and
    the interval is theirs, unless ``exact``.
    """
    attack = Attack(system)
    found = []
    for target in system.targets.itertuples():
        row = int(target.row)
        low, high = attack.proven(row)
        if exact or not _enough(target.kind, target.need_low, target.need_high, low, high):
            low, high = attack.interval(row)
        safe = _proven(attack, row, target.kind, target.need_low, target.need_high, low, high)
        reason = "" if safe else _reason(target.kind, low, high)
        found.append((row, target.kind, low, high, safe, reason, -1))
        if progress:
            progress(1)
    result = pd.DataFrame(found, columns=FOUND)
    if insider and len(result):
        for row, other in _insiders(system, attack):
            hit = (result["row"] == other) & result["safe"]
            result.loc[hit, ["safe", "reason", "insider"]] = [
                False,
                "exact to the one person behind another count",
                row,
            ]
    return result


def _enough(kind: str, need_low: float, need_high: float, least: float, most: float) -> bool:
    """Whether values that may be from ``least`` to ``most`` keep what a target's kind needs."""
    if kind == "small":
        return least <= need_low + CLOSE and most >= need_high - CLOSE
    if kind == "few":
        return most - least >= 1 - CLOSE
    return least < need_low - CLOSE or most > need_high - 1 + CLOSE


def _proven(attack: Attack, row: int, kind: str, need_low: float, need_high: float, low: float, high: float) -> bool:
    """Whether the LP finds a target safe, and whole tables prove it."""
    if not _enough(kind, need_low, need_high, low, high):
        return False
    if _enough(kind, need_low, need_high, *attack.proven(row)):
        return True
    attack.interval(row, whole=True)
    return _enough(kind, need_low, need_high, *attack.proven(row))


def _reason(kind: str, low: float, high: float) -> str:
    if low >= high - CLOSE:
        return "exact"
    return "certain to be small" if kind == "unseen" else "too narrow"


def _insiders(system: System, attack: Attack) -> list[tuple[int, int]]:
    """Counts of one person, with another unsafe number that this person can then tell exactly."""
    rows = system.rows
    targets = system.targets[system.targets["kind"] == "small"]
    targets = targets["row"].to_numpy()[system.hidden[targets["row"]]]
    value, people = rows["low"].to_numpy(), rows["people"].to_numpy()
    alone = [
        row
        for row in targets
        if value[row] == 1 or (people[row] - value[row] == 1 and not system.needed_by_people(int(row)))
    ]
    forms = {int(row): attack.forms(int(row)) for row in targets}
    by_component: dict[int, list[int]] = {}
    for row, form in forms.items():
        for number in form:
            by_component.setdefault(number, []).append(row)
    found = []
    for row in alone:
        if len(forms[row]) != 1:
            found += _joint(system, int(row), [int(other) for other in targets])
            continue
        number, told = next(iter(forms[row].items()))
        component = attack.component(number)
        held = value[row] - float(attack.constant[row])
        others = [other for other in by_component[number] if other != row and not _same(system, row, other)]
        for other in others:
            if len(forms[other]) == 1 and not _differs(
                component, forms[other][number], (told, held), value[other] - attack.constant[other]
            ):
                found.append((int(row), other))
    return found


def _differs(component: Component, form: Floats, held: tuple[Floats, float], truth: float) -> bool:
    """Whether some whole table in which ``held`` keeps its value gives ``form`` another value than the true one."""
    pool = component.pool()
    kept = pool[np.abs(pool @ held[0] - held[1]) < CLOSE]
    if (np.abs(kept @ form - truth) > CLOSE).any():
        return True
    tables = (component.integer_table(form, way, held) for way in (-1, 1))
    return any(table is not None and abs(table @ form - truth) > CLOSE for table in tables)


def _joint(system: System, row: int, others: list[int]) -> list[tuple[int, int]]:
    """The same for a count that lies across components: it is told to the attacker, who then begins anew."""
    hidden = system.hidden.copy()
    system.hidden = hidden & (np.arange(len(hidden)) != row)
    try:
        attack = Attack(system)
        ends = {other: attack.interval(other, whole=True) for other in others if not _same(system, row, other)}
    finally:
        system.hidden = hidden
    return [(row, other) for other, (low, high) in ends.items() if high - low < 1 - CLOSE]


def _same(system: System, row: int, other: int) -> bool:
    """Whether two counts are of the same people: equal, and one within the other."""
    value = system.rows["low"].to_numpy()
    if value[row] != value[other]:
        return False
    mine, theirs = _signed(system, row), _signed(system, other)
    return mine <= theirs or theirs <= mine


def _signed(system: System, row: int) -> set[tuple[int, bool]]:
    """A row's variables and their signs: those without an outcome are people less those with it."""
    span = slice(system.matrix.indptr[row], system.matrix.indptr[row + 1])
    return set(zip(system.matrix.indices[span].tolist(), (system.matrix.data[span] > 0).tolist(), strict=True))


def keyed(made: System, found: pd.DataFrame, period: str) -> pd.DataFrame:
    """An audit's rows with their keys instead of row numbers."""
    named = made.rows.loc[found["row"], ["family", "area", "dimension", "group"]].reset_index(drop=True)
    named = named.rename(columns={"family": "indicator"}).assign(period=period)
    return pd.concat([named[KEYS], found.drop(columns=["row", "insider"]).reset_index(drop=True)], axis=1)


def audit_result(found: list[pd.DataFrame], cells: int, suppressed: int, **more: int) -> AuditResult:
    """What was found, and its summary for the manifest."""
    rows = [one for one in found if len(one)]
    empty = pd.DataFrame(columns=[*KEYS, "kind", "low", "high", "safe", "reason"]).astype({"safe": bool})
    intervals = pd.concat(rows, ignore_index=True) if rows else empty
    kinds = intervals["kind"].value_counts()
    return AuditResult(
        intervals,
        {
            "safe": bool(intervals["safe"].all()),
            "cells": cells,
            "suppressed": suppressed,
            **more,
            "attacked": len(intervals),
            **{f"attacked_{kind}": int(kinds[kind]) for kind in sorted(kinds.index)},
            "unsafe": int((~intervals["safe"]).sum()),
            "attackers": ["subtraction", "linear programming", "integers", "insider"],
        },
    )
