"""MAIHDA: strata crossed from several dimensions, what lies between them, and what goes beyond the sum."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import scipy  # its parts are imported when first used
from scipy.special import expit

from hyteanalysis.display import shown
from hyteanalysis.errors import MeasureError
from hyteanalysis.i18n import language, number, percent, spoken, text
from hyteanalysis.intersectional import likelihoods
from hyteanalysis.intersectional.strata import Array, Strata, gather
from hyteanalysis.uncertainty import normal_quantile

_FEW = 20  # strata under which the variance between them is hardly known


@dataclass(frozen=True)
class Maihda:
    """Strata in one multilevel model.

    Attributes
    ----------
    frame : DataFrame
        One row a stratum, the highest prediction first: ``group``, the dimensions, ``people, events, respondents,
        estimate`` (as observed), ``predicted, lower, upper`` (shrunken, main-effects model), ``additive`` (what the
        dimensions add up to), ``interaction, interaction_lower, interaction_upper`` (predicted − additive), ``weight``
        (0 = all from the model, 1 = all its own), ``status, note``. Levels are in the outcome's unit.
    models : DataFrame
        ``model`` (``null, main``), ``variance, variance_lower, variance_upper`` between strata, ``residual``,
        ``vpc, vpc_lower, vpc_upper`` (shares), ``log_likelihood``.
    effects : DataFrame
        Main effects: ``dimension, category, estimate, se, lower, upper`` against the left-out category, on the link
        scale (log odds, log rate, or the outcome's unit).
    vpc, pcv : float
        Share of the variance between people that lies between strata (null model); share of that which the dimensions
        explain by adding up. ``pcv`` is empty where the null model finds no variance between strata.
    pcv_lower, pcv_upper : float
        Limits of ``pcv`` from those of the main-effects variance, the null model's taken as known: a main-effects
        variance fitted as 0 gives a pcv of 1, but no certainty of it.
    strata : tuple of str
    kind : {"linear", "binary", "rate"}
    missing, empty : int
        Rows left out; combinations without people.
    level : float
    """

    frame: pd.DataFrame
    models: pd.DataFrame
    effects: pd.DataFrame
    vpc: float
    pcv: float
    strata: tuple[str, ...]
    kind: str
    missing: int
    empty: int
    level: float
    pcv_lower: float = np.nan
    pcv_upper: float = np.nan

    @property
    def assumptions(self) -> tuple[str, ...]:
        """What must hold, in English."""
        return self.assumed("en")

    @spoken
    def assumed(self, lang: str = "fi") -> tuple[str, ...]:
        """What must hold, and what a reader must know: few strata, small ones, rows left out."""
        said = [text(f"intersectional.assumption.{self.kind}", lang), text("decomposition.assumption.no_cause", lang)]
        if len(self.frame) < _FEW:
            said.append(text("intersectional.few", lang, number=number(len(self.frame), lang, 0), least=str(_FEW)))
        single = int((self.frame["respondents"] == 1).sum())
        if single:
            said.append(text("intersectional.single", lang, number=number(single, lang, 0)))
        if self.missing:
            said.append(text("decomposition.missing", lang, number=number(self.missing, lang, 0)))
        if self.empty:
            said.append(text("intersectional.empty", lang, number=number(self.empty, lang, 0)))
        return tuple(said)

    @spoken
    def sentence(self, lang: str = "fi", *, labels: Mapping[str, str] | None = None) -> str:
        """How much lies between the strata, and how much of it adds up from the dimensions, in one sentence."""
        names = dict(labels or {})
        told = {
            "strata": number(len(self.frame), lang, 0),
            "vpc": percent(100 * self.vpc, lang),
            "dimensions": ", ".join(names.get(name, name) for name in self.strata),
        }
        if self.pcv != self.pcv:
            return text("intersectional.sentence.none", lang, **told)
        if self.pcv < 0:
            return text("intersectional.sentence.more", lang, **told)
        low, most, high = (
            percent(100 * min(max(value, 0.0), 1.0), lang, 0) for value in (self.pcv_lower, self.pcv, self.pcv_upper)
        )
        return text("intersectional.sentence.some", lang, pcv=f"{most} ({low}–{high})", **told)

    def _repr_html_(self) -> str:
        title = text("display.strata", language())
        return shown(title, said=[self.sentence(language()), *self.assumed(language())], frame=self.frame)


_SMALL = 10  # people under which a stratum is marked
_LATENT = np.pi**2 / 3  # variance of a logistic variable


def maihda(
    data: pd.DataFrame,
    *,
    outcome: str,
    strata: Sequence[str],
    kind: str | None = None,
    exposure: str | None = None,
    indicators: pd.DataFrame | None = None,
    level: float = 0.95,
) -> Maihda:
    """Compare strata crossed from several dimensions in one multilevel model.

    Answers: *where do several disadvantages meet, how much of all difference between people lies between such groups,
    and is any group worse off than its dimensions add up to?*

    Formula: y = xβ + u + e, u ~ N(0, σ²_u) a stratum; the null model has the constant alone, the main-effects model an
    effect of every category. VPC = σ²_u/(σ²_u + σ²_e) of the null model; with the logit σ²_e = π²/3; of a rate it
    depends on the mean m: m²(exp σ²_u − 1)/(m²(exp σ²_u − 1) + m) for one person-year.
    PCV = (σ²_null − σ²_main)/σ²_null.

    Parameters
    ----------
    data : DataFrame
        One row a person, with the dimensions as columns; or tidy cells of one area and period that hold the crossed
        dimension (``education × sex``).
    outcome : str
        Column, or with cells the indicator.
    strata : list of str
        At least two dimensions.
    kind : {"linear", "binary", "rate"}, optional
        None: binary for 0/1, rate where ``exposure`` is given, else linear; with cells by the indicator's kind.
    exposure : str, optional
        Column of person-years, for rates.
    indicators : DataFrame, optional
        Metadata of cells: kind and scale.
    level : float
        Confidence level.

    Returns
    -------
    Maihda
        ``.frame`` (strata), ``.models``, ``.effects``, ``.vpc``, ``.pcv``, ``.assumptions``, ``.sentence(lang)``.

    Raises
    ------
    MeasureError
        Unknown columns, fewer than two dimensions, a dimension without variation, as many effects as strata, a category
        without events (separation), one person in every stratum, optimisers that disagree.

    Notes
    -----
    Linear: restricted maximum likelihood. Binary and rate: maximum likelihood by adaptive Gauss–Hermite quadrature of
    25 points. Each optimum is checked by a second optimiser; limits of the variance are those of the profile
    likelihood; limits of strata hold the variances as known. Strata of one person are kept and marked, combinations
    without people are counted. Under 20 strata the variance is hardly known, and ``assumptions`` says so. Weights are
    not used: for a survey's estimates by group see ``hyte.survey.estimate``. Not for saying that belonging to a stratum
    causes the difference. Evans et al. 2018; Merlo 2018; Stryhn et al. 2006.

    Examples
    --------
    >>> import pandas as pd, hyteanalysis as hyte
    >>> rows = [(sex, school, income, 5 + (sex == "w") + (school == "low") + (income == "q1") + wave)
    ...         for sex in "wm" for school in ("low", "high") for income in ("q1", "q5") for wave in (-1, 0, 1)]
    >>> people = pd.DataFrame(rows, columns=["sex", "school", "income", "strain"])
    >>> found = hyte.maihda(people, outcome="strain", strata=["sex", "school", "income"])
    >>> found.frame[["group", "estimate", "predicted"]].round(2).head(2)
                 group  estimate  predicted
    0   w × low × q1       8.0       8.0
    1  m × low × q1        7.0       7.0
    >>> round(found.pcv, 2)
    1.0
    """
    normal_quantile(level)
    made = gather(data, outcome=outcome, strata=strata, kind=kind, exposure=exposure, indicators=indicators)
    names = [name for name in made.frame if name != "group"]
    x = made.design(names)
    if x.shape[1] >= len(x) or np.linalg.matrix_rank(x) < x.shape[1]:
        raise MeasureError(
            f"{len(x)} strata cannot tell {x.shape[1]} main effects from what goes beyond them. Leave a dimension out, "
            "or join categories."
        )
    if made.kind != "linear":
        _refuse_separation(made, names)
    null = _fit(made, np.ones((len(x), 1)), level)
    main = _fit(made, x, level)
    frame = _strata(made, x, main, level)
    models = pd.DataFrame([null["row"] | {"model": "null"}, main["row"] | {"model": "main"}])
    models.insert(0, "model", models.pop("model"))
    before, after = models["variance"]
    pcv_lower, pcv_upper = (
        float(1 - models[f"variance_{end}"].iloc[1] / before) if before > 0 else np.nan for end in ("upper", "lower")
    )
    return Maihda(
        frame=frame, models=models, effects=_effects(made, names, main, level), vpc=float(models["vpc"].iloc[0]),
        pcv=float((before - after) / before) if before > 0 else np.nan, strata=tuple(names), kind=made.kind,
        missing=made.missing, empty=made.empty, level=level, pcv_lower=pcv_lower, pcv_upper=pcv_upper,
    )  # fmt: skip


def _refuse_separation(made: Strata, names: list[str]) -> None:
    for name in names:
        sums = pd.DataFrame({"kind": made.frame[name], "x": made.total, "n": made.people}).groupby("kind").sum()
        none = sums["x"] == 0
        certain = none | ((sums["x"] >= sums["n"]) if made.kind == "binary" else False)
        if certain.any():
            what = "no events" if none[certain].iloc[0] else "nothing but events"
            raise MeasureError(
                f"Separation: {name} {sums.index[certain][0]!r} has {what}, so its effect has no finite value. Join it "
                "with another category."
            )


def _fit(made: Strata, x: Array, level: float) -> dict[str, Any]:
    """One model: its variances with limits, coefficients and their covariance, and each stratum's working mean."""
    drop = scipy.stats.chi2.ppf(level, 1) / 2
    if made.kind == "linear":
        mean = made.total / made.people
        model = likelihoods.Gaussian(made.people, mean, made.within, x)
        between, variance, beta, best = likelihoods.fit_gaussian(model)
        low, high = (end * variance for end in likelihoods.limits_of_gaussian(model, between / variance, best, drop))
        precision, working, residual = made.people / variance, mean, variance
    else:
        events = likelihoods.CountModel(made.total, made.people, x, made.kind)
        sigma, beta, best = likelihoods.fit_counts(events)
        low, high = (end**2 for end in likelihoods.limits_of_counts(events, sigma, beta, best, drop))
        between, residual = sigma**2, _LATENT if made.kind == "binary" else np.nan
        eta = x @ beta + sigma * events.moments(beta, sigma)[3]
        p = expit(eta) if made.kind == "binary" else np.exp(eta)
        precision = made.people * (p * (1 - p) if made.kind == "binary" else p)
        working = eta + (made.total - made.people * p) / precision
    weight = 1 / (between + 1 / precision)
    covariance = np.linalg.inv((x * weight[:, None]).T @ x)
    rate = made.total.sum() / made.people.sum()
    share = [_vpc(value, residual, made.kind, rate) for value in (between, low, high)]
    row = {
        "variance": between, "variance_lower": low, "variance_upper": high, "residual": residual, "vpc": share[0],
        "vpc_lower": share[1], "vpc_upper": share[2], "log_likelihood": best,
    }  # fmt: skip
    return {
        "row": row, "beta": beta, "covariance": covariance, "working": working, "precision": precision,
        "between": between,
    }  # fmt: skip


def _vpc(between: float, residual: float, kind: str, rate: float) -> float:
    if kind == "rate":
        grown = np.expm1(between)
        return float(rate * grown / (rate * grown + 1)) if np.isfinite(grown) else 1.0
    return float(between / (between + residual)) if np.isfinite(between) else 1.0


def _strata(made: Strata, x: Array, fitted: dict[str, Any], level: float) -> pd.DataFrame:
    """Shrunken predictions, what adds up, and what goes beyond, with limits."""
    beta, covariance, working, precision = (
        np.asarray(fitted[name]) for name in ("beta", "covariance", "working", "precision")
    )
    between, z = float(np.asarray(fitted["between"])), normal_quantile(level)
    base = x @ beta
    own = between / (between + 1 / precision)
    beyond = own * (working - base)
    spread = np.einsum("ij,jk,ik->i", x, covariance, x)
    error = np.sqrt(between * (1 - own) + (1 - own) ** 2 * spread)
    lowest, highest = _beyond_limits(
        working - base, precision, spread, (between, float(fitted["row"]["variance_upper"])), z
    )
    link = {"linear": lambda eta: eta, "binary": expit, "rate": np.exp}[made.kind]
    level_of = {name: made.scale * link(value) for name, value in {
        "predicted": base + beyond, "lower": base + beyond - z * error, "upper": base + beyond + z * error,
        "additive": base,
    }.items()}  # fmt: skip
    few = made.respondents < _SMALL
    frame = made.frame.assign(
        people=made.people,
        events=made.total if made.kind != "linear" else np.nan,
        respondents=made.respondents,
        estimate=made.scale * made.total / made.people,
        **level_of,
        interaction=level_of["predicted"] - level_of["additive"],
        interaction_lower=made.scale * (link(base + lowest) - link(base)),
        interaction_upper=made.scale * (link(base + highest) - link(base)),
        weight=own,
        status=np.where(few, "uncertain", "ok"),
        note=[f"{int(n)} {'person' if n == 1 else 'people'}" if n < _SMALL else "" for n in made.respondents],
    )
    return frame.sort_values(["predicted", "group"], ascending=[False, True], ignore_index=True)


def _beyond_limits(
    residual: Array, precision: Array, spread: Array, variances: tuple[float, float], z: float
) -> tuple[Array, Array]:
    """Limits of what goes beyond: those of the fitted variance and of its upper limit, whichever lie farther out.

    A variance fitted as 0 is no proof that nothing goes beyond, and would give limits of no width.
    """
    ends = []
    for between in variances:
        if not np.isfinite(between):
            # nothing is borrowed: the stratum's own residual
            own, left = np.ones_like(precision), 1 / precision
        else:
            own = between / (between + 1 / precision)
            left = between * (1 - own)
        error = np.sqrt(np.maximum(left + own**2 * spread, 0.0))
        ends.append((own * residual - z * error, own * residual + z * error))
    return np.minimum(ends[0][0], ends[1][0]), np.maximum(ends[0][1], ends[1][1])


def _effects(made: Strata, names: list[str], fitted: dict[str, Any], level: float) -> pd.DataFrame:
    beta, se = np.asarray(fitted["beta"]), np.sqrt(np.diag(np.asarray(fitted["covariance"])))
    told = [(name, kind) for name in names for kind in sorted(made.frame[name].unique())[1:]]
    unit, z = (made.scale if made.kind == "linear" else 1.0), normal_quantile(level)
    table = pd.DataFrame(told, columns=["dimension", "category"])
    value, error = unit * beta[1:], unit * se[1:]
    return table.assign(estimate=value, se=error, lower=value - z * error, upper=value + z * error)
