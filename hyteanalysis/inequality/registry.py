"""A measure is a plain function over arrays plus one declaration; this file holds the declarations.

A formula takes :class:`~hyteanalysis.inequality.groups.Groups` (settings × groups, or settings × groups × draws) and
returns one number a setting (and draw). All else (grouping, checks, uncertainty, result rows, names, the reference page
and the common tests) is driven by the declaration.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hyteanalysis import i18n
from hyteanalysis.errors import MeasureError, one_of
from hyteanalysis.i18n import spoken

if TYPE_CHECKING:
    from hyteanalysis.inequality.groups import Groups

Array = NDArray[Any]
Formula = Callable[["Groups"], Array]
Gradient = Callable[["Groups", Array], Array]

Need = Literal[
    "order",
    "kept reference",
    "reference",
    "bounds",
    "upper bound",
    "aversion",
    "population",
    "positive mean",
    "positive",
    "positive health",
]
Property = Literal["shift", "scale", "split", "replication", "unit"]
Side = Literal["worse", "lower", "higher"]

HANDBOOK = "WHO Handbook on health inequality monitoring, 2013"


@dataclass(frozen=True)
class Square:
    """A measure that is, or is the root of, a quadratic form of the deviations: T ≈ q Σ p (y − μ)²."""

    value: Callable[[Array], Array]  # T from the measure
    slope: Callable[[Array], Array]  # dT/d(measure)
    back: Callable[[Array], Array]  # the measure from T
    weight: Formula  # q, one number a setting
    step: float = 1.0  # T in the unit in which a change is told


@dataclass(frozen=True)
class ModelError:
    """The reference system's standard error of a measure, on the scale of its link."""

    error: Formula
    name: str = "residual variance"  # as told in ``method``
    counts_people: bool = False  # needs the population of every group


@dataclass(frozen=True)
class Aversion:
    """Inequality aversion that a measure reads: ``aversion=`` must lie above ``above``."""

    default: float | None = None  # None: it must be given
    above: float = 0.0


@dataclass(frozen=True)
class Measure:
    """What the engine, the reference page and the common tests know of a measure.

    Attributes
    ----------
    code : str
        Short code, as in the column ``measure``.
    formula, gradient : callable
        Value; and ∂/∂y_j on the scale of ``link``. Without a gradient the measure is simulated.
    absolute, ordered, weighted : bool
        In the indicator's unit; needs ordered groups; rests on population shares.
    needs : tuple
        What else a setting must have: checked in this order, the first that lacks is told in ``note``.
    link : {"identity", "log", "percent"}
        Scale on which the interval is symmetric: ln x, or ln(1 + x/100).
    null : float
        Value where all groups are equal.
    bounded : bool
        Cannot be negative: noise inflates it, ``p_equal`` stands beside it.
    extreme : bool
        Rests on the most extreme group where groups have no order.
    simulated : bool
        The plain interval is made of percentiles of draws.
    square : Square, optional
        How its corrected interval is made; without it by test inversion where ``bounded`` or ``extreme``.
    model_se : ModelError, optional
        The reference system's standard error.
    of_pair : bool
        Compares two groups, the second of which may be a named reference: signed then, though groups have no order.
    above_null : {"worse", "lower", "higher", None}
        What a value above ``null`` says of the disadvantaged: worse off; or a lower or higher level, which the
        direction of the indicator makes better or worse; None: it has no sign.
    gain : bool
        What would be gained if all reached the leading group: 0, never of the wrong sign, where that is not the better.
    fitted : str
        The line that was fitted, as told in ``note``; ``{model}`` stands for each setting's own.
    undefined : str
        Why a formula that applies may give no value, as told in ``note``.
    aversion : Aversion, optional
        The inequality aversion that its formula reads.
    mirror : {"same", "negated", None}
        What becomes of it when y becomes bound − y and its direction is turned; None: another number.
    holds : frozenset
        Properties the common tests check: ``shift`` (unchanged when a constant is added), ``scale`` (unchanged when
        all are multiplied), ``unit`` (multiplied with the unit), ``split`` (unchanged when a group is halved),
        ``replication`` (unchanged when all N are multiplied).
    """

    code: str
    formula: Formula
    gradient: Gradient | None
    absolute: bool
    ordered: bool
    weighted: bool
    needs: tuple[Need, ...]
    link: Literal["identity", "log", "percent"]
    null: float
    bounded: bool
    extreme: bool
    simulated: bool
    centred: bool
    square: Square | None
    extra_variance: Formula | None
    model_se: ModelError | None
    of_pair: bool
    above_null: Side | None
    gain: bool
    fitted: str
    undefined: str
    aversion: Aversion | None
    mirror: Literal["same", "negated"] | None
    holds: frozenset[Property]
    unit: str
    instead: str
    text: str
    reference: str
    min_groups: int = 2
    parameter: str = ""

    def name(self, lang: str = "en") -> str:
        """Long name in a language."""
        return i18n.text(f"measure.{self.code}.name", lang)

    def meaning(self, lang: str = "en") -> str:
        """What it says, in one plain sentence."""
        return i18n.text(f"measure.{self.code}.meaning", lang)

    def rests_on_extreme(self, ordered: bool) -> bool:
        """Whether plain limits are biased near equality in these groups, so that ``p_equal`` and correction serve."""
        return self.bounded or (self.extreme and not ordered)


REGISTRY: dict[str, Measure] = {}
VARIANTS: dict[tuple[str, str], Measure] = {}

WHO = (
    *("D", "R", "ACI", "RCI", "SII", "RII", "BGV", "BGSD", "COV", "IDISU", "IDISW", "MDBU", "MDBW", "MDMU", "MDMW"),
    *("MDRU", "MDRW", "MLD", "TI", "PAR", "PAF"),
)


def measure(
    code: str,
    *,
    text: str,
    reference: str,
    absolute: bool,
    ordered: bool = False,
    weighted: bool = True,
    gradient: Gradient | None = None,
    needs: Iterable[Need] = (),
    link: Literal["identity", "log", "percent"] = "identity",
    null: float = 0.0,
    bounded: bool = False,
    extreme: bool = False,
    simulated: bool = False,
    centred: bool = False,
    square: Square | None = None,
    extra_variance: Formula | None = None,
    model_se: ModelError | None = None,
    of_pair: bool = False,
    above_null: Side | None = None,
    gain: bool = False,
    fitted: str = "",
    undefined: str = "has no value for these estimates",
    aversion: Aversion | None = None,
    mirror: Literal["same", "negated"] | None = None,
    holds: Iterable[Property] = (),
    unit: str = "",
    instead: str = "D or BGV",
    parameter: str = "",
    variant: str | None = None,
) -> Callable[[Formula], Formula]:
    """Declare a measure: the decorated function is its formula, ``text`` that formula as it is printed.

    Attributes are those of :class:`Measure`; ``variant`` registers another form under the same code. Measures of
    ordered groups grow with the level of the advantaged (``above_null="lower"``) unless told otherwise.
    """

    def declare(formula: Formula) -> Formula:
        declared = Measure(
            code=code,
            formula=formula,
            gradient=gradient,
            absolute=absolute,
            ordered=ordered,
            weighted=weighted,
            needs=("order", *needs) if ordered else tuple(needs),
            link=link,
            null=null,
            bounded=bounded,
            extreme=extreme,
            simulated=simulated or gradient is None,
            centred=centred,
            square=square,
            extra_variance=extra_variance,
            model_se=model_se,
            of_pair=of_pair,
            above_null="lower" if above_null is None and ordered else above_null,
            gain=gain,
            fitted=fitted,
            undefined=undefined,
            aversion=aversion,
            mirror=mirror,
            holds=frozenset(holds),
            unit=unit,
            instead=instead,
            text=text,
            reference=reference,
            parameter=parameter,
        )
        table: dict[Any, Measure] = REGISTRY if variant is None else VARIANTS
        key: Any = code if variant is None else (code, variant)
        if key in table:
            raise ValueError(f"measure {key} is declared twice")
        table[key] = declared
        return formula

    return declare


def listed() -> list[Measure]:
    """All measures: the WHO set in its usual order, then the others as declared."""
    return [REGISTRY[code] for code in (*WHO, *(code for code in REGISTRY if code not in WHO))]


def _plain(name: str) -> str:
    return " ".join(re.findall(r"[a-z0-9]+", re.sub(r"\(.*?\)", " ", name.lower())))


@cache
def _names() -> dict[str, str]:
    """Codes by plain lower-case code and long name."""
    return {
        **{_plain(measure.name("en")): code for code, measure in REGISTRY.items()},
        **{_plain(code): code for code in REGISTRY},
    }


def find(measures: str | Sequence[str]) -> list[Measure]:
    """Measures by code or long name, each once, in the order asked; ``"all"`` gives every one.

    >>> [measure.code for measure in find(["slope index of inequality", "D"])]
    ['SII', 'D']
    """
    if isinstance(measures, str):
        measures = [measures]
    if list(measures) == ["all"]:
        return listed()
    if not len(measures):
        raise MeasureError(f"No measure is named. Give some of {', '.join(REGISTRY)}, or 'all'.")
    codes = []
    for asked in measures:
        code = _names().get(_plain(str(asked)))
        codes.append(code or one_of(str(asked), [*REGISTRY, "all"], "measure", MeasureError))
    return [REGISTRY[code] for code in dict.fromkeys(codes)]


@spoken
def measures(lang: str = "en") -> pd.DataFrame:
    """What measures exist, what each says, and when it applies.

    Parameters
    ----------
    lang : {"en", "fi", "sv"}
        Language of ``name`` and ``meaning``.

    Returns
    -------
    DataFrame
        ``measure, name, meaning, absolute, ordered, weighted, min_groups, null, reference``: ``absolute`` in the
        indicator's unit (else relative), ``ordered`` needs an order of the groups, ``weighted`` by population, ``null``
        the value where all groups are equal; then ``formula`` and ``parameter``.

    Examples
    --------
    >>> import hyteanalysis as hyte
    >>> hyte.measures().set_index("measure").loc["SII", ["name", "reference"]].tolist()
    ['slope index of inequality', 'Preston, Haines & Pamuk 1981; Mackenbach & Kunst 1997']
    """
    rows = [
        {
            "measure": measure.code,
            "name": measure.name(lang),
            "meaning": measure.meaning(lang),
            "absolute": measure.absolute,
            "ordered": measure.ordered,
            "weighted": measure.weighted,
            "min_groups": measure.min_groups,
            "null": np.float64(measure.null),
            "reference": measure.reference,
            "formula": measure.text,
            "parameter": measure.parameter,
        }
        for measure in listed()
    ]
    return pd.DataFrame(rows)
