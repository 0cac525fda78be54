"""The reference page of the measures, made from their declarations: ``python -m hyteanalysis.inequality.page``."""

from pathlib import Path

from hyteanalysis import i18n
from hyteanalysis.inequality.options import STRUCTURAL
from hyteanalysis.inequality.registry import WHO, Measure, listed

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "measures.md"

_HEAD = """# Summary measures of inequality

Made by `python -m hyteanalysis.inequality.page` from the declarations in `hyteanalysis/inequality/`; a test holds this
page against them.

y = estimates of the groups, p = population shares, μ = Σ p y (or the published average), R = cumulative share at the
group's midpoint, groups ordered from most disadvantaged to most advantaged; groups of equal order share one R. Weights
are `population`; where a whole setting has none `respondents`, else equal weights, and `note` says which.
"""

_METHODS = """
## Intervals

* **Closed form**: g′Σg with g the measure's derivatives, Σ the groups' own variances or the full `covariance`; Wald
  on the scale named below. BGV adds its second-order term.
* **Simulation**: percentiles of seeded normal draws of the groups' estimates (10,000 unless told otherwise), which
  all settings share. `seed=None` is a fixed seed.
* A limit below 0 of a measure that cannot be negative is cut to 0. Noise inflates such measures, and percentiles
  count it twice: near equality they never hold the truth. `p_equal` (Cochran's Q; with a covariance its Wald form)
  stands beside them, and from 5 % up the groups are not called different.
* `interval="corrected"`, the default, serves measures that cannot be negative, and those that rest on the extreme
  group of unordered groups. Squares (BGV, BGSD, COV, TI, MLD, ATK, KOL): T, V₁ = g′Σg, the noise b = q Σ p(1 − p)s²
  in T, t = q²[(Σ p²s²)² − Σ p⁴s⁴ + Σ p²(1 − p)²s⁴], θ = max(T − b, 0), c = (t + θV₁/(2T))/(b + 2θ), ν = b/c: limits cλ
  where the noncentral χ² has F(T/c; ν, λ) = 1 − α/2 and α/2. The others: test inversion along m(g) = μ + g(y − μ),
  whose draws have their upper (lower) percentile at the estimate. `docs/coverage.md` shows what both reach.
* D and R of groups that the data chose (unordered, or the one furthest from a reference) are limited for the two
  groups named. Choosing can only make a gap too large, so the far limit is plain; the near one is locally simultaneous
  (Zrnic & Fithian 2024): 0.5 % of the error finds the groups within simultaneous limits of the highest and of the
  lowest, the rest is shared by their pairs (Šidák, or the studentised range where less). Where p_equal is 5 % or more
  the limits hold no gap (closed testing). A group is named as highest or lowest alone where the others are clearly
  apart from it (comparisons with the best, Hsu 1981).
* Student's t serves where cells have degrees of freedom `df`, and for means with `respondents` (n − 1), by
  Satterthwaite's; errors of one design (`covariance`) have the fewest of the groups compared. `p_equal` is then
  Welch's F, of a full Σ F(k − 1, df − k + 2).
* `se="model"` gives the reference system's residual variance (ACI, RCI, ERR, WAG, SII, RII, KMI) and Walter's error
  (PAR, PAF); other measures keep the propagated error. It is blind to the groups' own errors.
* An error of 0 from no or only events is not certainty: with `events` that of (events + ½)/(n + 1) is taken; else
  `p_equal` and corrected limits stay empty. Published 95 % limits without an error give one, on the logit for
  proportions, on the log for rates.

## Change of a gap

change = end − start with its mathematical sign, Var = s₀² + s₁² − 2ρs₀s₁; R, RII, KMI on the log, as end/start.
Squares change by T − b. The verdict reads the interval of the change: (1) it holds the null: `no_clear_change`; (2)
both gaps are clear and of opposite sign: `reversed`; (3) the start is clear: `widened` if the gap moved away from
the null, `narrowed` if towards it and nearer; (4) only the end is clear: `widened`; (5) otherwise
`no_clear_change`. A gap is clear where its own interval leaves out the null (measures that noise inflates: p_equal
under 5 %). No clear change is not no change: that needs a `margin` set beforehand. Of many settings 5 % change
"clearly" by chance: read `q_value`.

`hyte.disparity_trend` gives the weighted slope of a gap over four periods or more, with its interval.

## The average and the gap in one number

`hyte.achievement` tells in the indicator's own unit what level, had by all, would be worth as much as the unequal one,
with its interval: the achievement index μ(1 − C(ν)) (`index="concentration"`), or the equally distributed equivalent
behind ATK and KOL (`"atkinson"`, `"kolm"`). `hyte.ede` does the same of plain lists.

## From person rows

`hyte.disparity_individual` gives ACI, RCI, SII and RII from one row a person, with weights, strata and clusters.
"""

_UNITS = {"indicator": "the indicator's", "indicator²": "the indicator's, squared"}


def reference_page() -> str:
    """The page as Markdown: a table of all measures, how intervals and changes are made, and a section for each."""
    measures = listed()
    lines = [_HEAD, "| code | name | kind | order | weights | null | WHO set |", "|---|---|---|---|---|---|---|"]
    lines += [
        f"| [`{measure.code}`](#{measure.code.lower()}) | {measure.name()} | "
        f"{'absolute' if measure.absolute else 'relative'} | {'needed' if measure.ordered else 'not needed'} | "
        f"{'population' if measure.weighted else 'none'} | {measure.null:g} | {'yes' if measure.code in WHO else ''} |"
        for measure in measures
    ]
    return "\n".join([*lines, _METHODS, *map(_section, measures)])


def _section(measure: Measure) -> str:
    needs = [need for need in measure.needs if need not in ("order", "kept reference")]
    facts = {
        "Formula": measure.text.replace("|", "\\|"),
        "Unit": _UNITS.get(measure.unit, measure.unit),
        "Where all groups are equal": f"{measure.null:g}",
        "Groups": f"{measure.min_groups} or more" + (", ordered" if measure.ordered else ""),
        "Needs besides": ", ".join(needs),
        "Parameter": measure.parameter,
        "Interval": _interval(measure),
        "y becomes bound − y, direction turned": {"same": "unchanged", "negated": "sign turned"}.get(
            measure.mirror or "", "another number"
        ),
        "Where it does not apply": f"use {measure.instead}" if STRUCTURAL & set(measure.needs) else "",
        "Reference": measure.reference,
    }
    names = [f"* {lang}: **{measure.name(lang)}**. {measure.meaning(lang)}" for lang in i18n.LANGS]
    told = [f"* {name}: {value}" for name, value in facts.items() if value]
    return "\n".join([f"## {measure.code}", "", *names, "", *told, ""])


def _interval(measure: Measure) -> str:
    plain = "simulation" if measure.simulated else "closed form"
    scale = {"log": ", on the log", "percent": ", on the log of 1 + x/100"}.get(measure.link, "")
    corrected = measure.bounded or measure.extreme
    how = "noncentral χ²" if measure.square is not None else "test inversion"
    where = "" if measure.bounded else " where groups have no order"
    return f"{plain}{scale}" + (f"; corrected by {how}{where}" if corrected else "")


if __name__ == "__main__":
    DOCUMENT.write_text(reference_page(), encoding="utf-8")
