"""Complementary suppression: the cheapest other numbers to hide, so that what is unsafe cannot be worked out."""

from collections.abc import Callable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hyteanalysis.disclosure.attack import Attack
from hyteanalysis.disclosure.optimum import cheapest
from hyteanalysis.disclosure.program import CLOSE
from hyteanalysis.disclosure.proof import attacked
from hyteanalysis.disclosure.system import PEOPLE, System
from hyteanalysis.disclosure.witness import MIDDLE, Witnesses
from hyteanalysis.errors import SHOWN, DisclosureError

_ROUNDS = 30
ORDERS = 4
QUESTIONS = 2_000  # asked of a component at most: a count, so that the same cells make the same release


def suppress(system: System, *, tick: Callable[[int], None] = lambda _: None) -> pd.DataFrame:
    """Hide what is needed in a system, and return the audit's rows, all safe.

    The exact optimum by cutting planes where the block is small, else the witness method; then whatever integers,
    insiders or left-out numbers still give away. ``tick`` hears of each target done.

    Raises DisclosureError where a number cannot be protected, since what gives it away is public already.
    """
    start = system.hidden.copy()
    found = attacked(system, insider=False)
    if found["safe"].all():
        found = attacked(system)
    if found["safe"].all():
        return found
    optimum = cheapest(system)
    if optimum is not None:
        system.hidden = start
        system.hide(optimum)
    else:
        system.hidden = _lightest(system, tick)
    for _ in range(_ROUNDS):
        found = attacked(system)
        if found["safe"].all():
            return found
        search = Witnesses(system)
        needs = system.targets.set_index("row")
        for miss in found[~found["safe"]].itertuples():
            row = int(miss.row)
            if miss.insider >= 0:
                _protect_from_insider(search, row, int(miss.insider))
            else:
                need = needs.loc[[row]].iloc[0]
                _protect(search, row, need["kind"], need["need_low"], need["need_high"], interval=(miss.low, miss.high))
    raise DisclosureError(f"cannot be protected: {described(system, found.loc[~found['safe'], 'row'].to_numpy())}")


def _lightest(system: System, tick: Callable[[int], None]) -> NDArray[np.bool_]:
    """The lightest of what the witness method hides, in several orders of targets."""
    start = system.hidden.copy()
    weight = system.rows["weight"].to_numpy()
    best: NDArray[np.bool_] | None = None
    for place in range(ORDERS if len(start) <= MIDDLE else 1):
        system.hidden = start.copy()
        search = Witnesses(system)
        for target in _in_order(system, place).itertuples():
            _protect(search, int(target.row), target.kind, target.need_low, target.need_high)
            if place == 0:
                tick(1)
        show_again(system)
        if best is None or weight[system.hidden].sum() < weight[best].sum():
            best = system.hidden.copy()
    assert best is not None
    return best


def _in_order(system: System, place: int = 0) -> pd.DataFrame:
    """The targets that are certain to need protection: the smallest first, the largest first, or shuffled."""
    targets = system.targets[system.targets["kind"] != "unseen"]
    value = system.rows["low"].to_numpy()[targets["row"]]
    targets = targets.assign(value=value).sort_values(["value", "row"], kind="stable")
    if place > 1:
        return targets.iloc[np.random.default_rng(place).permutation(len(targets))]
    return targets.iloc[::-1] if place else targets


def _protect(
    search: Witnesses, row: int, kind: str, low: float, high: float, interval: tuple[float, float] | None = None
) -> None:
    """Hide what keeps a row from reaching where it must."""
    if kind == "small":
        for need, way in ((high, 1), (low, -1)):
            reached = search.most[row] >= need - CLOSE if way > 0 else search.least[row] <= need + CLOSE
            if not reached:
                found = search.find(row, need, way)
                if found is None:
                    raise DisclosureError(_refusal(search.system, row))
                search.accept(found[0])
        return
    told = search.system.rows.iloc[row]
    if interval is None:
        interval = (told["low"], told["high"])
    ways = [(interval[1] + 1, 1), (interval[0] - 1, -1)] if kind == "few" else [(high, 1), (low - 1, -1)]
    choices = []
    for need, way in ways:
        if need >= 0 and (found := search.find(row, need, way)) is not None:
            choices.append((found[1], need, way))
    if not choices:
        raise DisclosureError(_refusal(search.system, row))
    _, need, way = min(choices)
    found = search.find(row, need, way)
    assert found is not None
    search.accept(found[0])


def _protect_from_insider(search: Witnesses, row: int, insider: int) -> None:
    """Hide more, so that the one person behind ``insider`` cannot tell ``row`` exactly."""
    value = search.system.rows["low"].to_numpy()
    choices = []
    for need, way in ((value[row] + 1, 1), (value[row] - 1, -1)):
        found = search.find(row, need, way, (insider, value[insider])) if need >= 0 else None
        if found is not None:
            choices.append((found[1], need, way))
    if not choices:
        raise DisclosureError(_refusal(search.system, row))
    _, need, way = min(choices)
    found = search.find(row, need, way, (insider, value[insider]))
    assert found is not None
    search.accept(found[0])


def show_again(system: System) -> None:
    """Show complementary numbers that no target needs, the costliest first, component by component."""
    attack = Attack(system)
    own = np.isin(np.arange(len(system.hidden)), system.targets["row"])
    extra = system.hidden & system.rows["hideable"].to_numpy(bool) & ~own & system.rows["low"].notna().to_numpy()
    weight = system.rows["weight"].to_numpy()
    touched = {number for row in np.flatnonzero(extra) for number in attack.forms(int(row))}
    for number in sorted(touched):
        part, rows = attack.local(number)
        search = Witnesses(part, payable=False)
        told = part.rows["low"].to_numpy()
        targets = _in_order(part)
        tables = np.empty((0, len(rows)))
        chosen = [place for place in np.flatnonzero(extra[rows]) if not system.needed_by_people(int(rows[place]))]
        for place in sorted(chosen, key=lambda place: -weight[rows[place]]):
            if search.asked > QUESTIONS:
                break
            search.hold(int(place))
            kept = tables[np.abs(tables[:, place] - told[place]) < CLOSE]
            fresh = _without(search, targets, kept)
            if fresh is None:
                search.free(int(place))
            else:
                system.hidden[rows[place]] = False
                tables = np.vstack([kept, *fresh])


def _without(search: Witnesses, targets: pd.DataFrame, tables: NDArray[np.float64]) -> list[NDArray[np.float64]] | None:
    """Further tables by which every target still reaches where it must; None where one does not."""
    fresh: list[NDArray[np.float64]] = []
    least, most = tables.min(axis=0, initial=np.inf), tables.max(axis=0, initial=-np.inf)
    for row, kind, low, high in targets[["row", "kind", "need_low", "need_high"]].itertuples(index=False):
        told = search.system.rows["low"].iloc[row]
        for need, way in ((high, 1), (low, -1)) if kind == "small" else ((told + 1, 1), (told - 1, -1)):
            reached = most[row] >= need - CLOSE if way > 0 else least[row] <= need + CLOSE
            if reached:
                if kind == "few":
                    break
                continue
            found = search.find(int(row), need, way)
            if found is None:
                if kind == "few" and way > 0:
                    continue
                return None
            values = search.values()
            fresh.append(values)
            least, most = np.minimum(least, values), np.maximum(most, values)
            if kind == "few":
                break
    return fresh


def described(system: System, rows: NDArray[np.int64]) -> str:
    """Rows by their keys, for messages."""
    said = [" / ".join(system.rows.loc[row, ["family", "area", "dimension", "group"]]) for row in rows[:SHOWN]]
    return "; ".join(said) + (f" and {len(rows) - SHOWN} more" if len(rows) > SHOWN else "")


def _refusal(system: System, row: int) -> str:
    told = system.rows.iloc[row]
    few = f" (population {told['people']:g})" if told["people"] == told["people"] else ""
    return (
        f"{described(system, np.array([row]))} cannot be protected{few}: what is public already (an earlier release, "
        "a public population, or a number that may not be hidden) gives it away. Leave it out together with its group, "
        "or join groups or areas."
        if PEOPLE in system.families or told["people"] == told["people"]
        else f"{described(system, np.array([row]))} cannot be protected with all else hidden: join groups or areas."
    )
