"""What is known of actions: published numbers with their sources, groups, certainty and contradictions.

The library is a folder of readable files, ``data/evidence``. What is assumed is said; an effect that was found null is
there, and moves nothing.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import pandas as pd

from hyteanalysis import i18n
from hyteanalysis.actions.model import Action
from hyteanalysis.errors import PlanError, counted, one_of
from hyteanalysis.evidence.model import CERTAINTIES, Evidence, Number, Source, filled, library, read

__all__ = [
    "Evidence",
    "Number",
    "Pooled",
    "Source",
    "action",
    "actions",
    "alternatives",
    "described",
    "described_number",
    "library",
    "line",
    "pooled",
    "read",
    "search",
    "table",
]
_POOLED = ("rr", "or", "rd", "rate_ratio", "hazard_ratio", "smd", "mean_difference", "ror")


@dataclass(frozen=True)
class Pooled:
    """Several estimates as one: the mean over places, and what a new place may see.

    Attributes
    ----------
    scale : str
    value, lower, upper : float
        Random-effects mean with 95 % limits.
    predicted_lower, predicted_upper : float or None
        95 % limits of the effect in a new place; None with fewer than three estimates.
    heterogeneity : float
        I², the share of the spread that chance does not explain.
    numbers : tuple of str
    """

    scale: str
    value: float
    lower: float
    upper: float
    predicted_lower: float | None
    predicted_upper: float | None
    heterogeneity: float
    numbers: tuple[str, ...]


def search(
    *,
    topic: str | None = None,
    group: str | None = None,
    certainty: str | None = None,
    age: int | None = None,
    indicator: str | None = None,
    lang: str = "fi",
) -> pd.DataFrame:
    """What the library holds on a wish.

    Answers: *what is known to work on this topic, for this group or age, and how surely?* Where nothing meets the whole
    wish, the nearest are given, and ``missing`` says what each lacks.

    Parameters
    ----------
    topic : str, optional
        Such as ``smoking``; :func:`actions` lists them.
    group : str, optional
        A dimension that some number was studied by, such as ``education``, or a group of it.
    certainty : {"high", "moderate", "low", "very low"}, optional
        At least so certain.
    age : int, optional
        Years of those it is for.
    indicator : str, optional
        Id of an indicator it bears on.
    lang : {"fi", "sv", "en"}

    Returns
    -------
    DataFrame
        As :func:`actions`, most certain first, with ``missing``: empty where the wish is met.

    Raises
    ------
    PlanError
        A topic or certainty that is not known.

    Examples
    --------
    >>> from hyteanalysis import evidence
    >>> found = evidence.search(topic="smoking", group="education", certainty="high", lang="en")
    >>> found.iloc[0][["id", "missing"]].tolist()
    ['smoking-support', 'not studied by education']
    """
    held = [read(id) for id in library()]
    if topic is not None:
        one_of(topic, sorted({one for evidence in held for one in evidence.topics}), "topic", PlanError)
    if certainty is not None:
        one_of(certainty, CERTAINTIES, "certainty", PlanError)
    rows = []
    for evidence in held:
        lacks = {
            "topic": topic is not None and topic not in evidence.topics and f"is on {', '.join(evidence.topics)}",
            "indicator": indicator is not None
            and indicator not in evidence.indicators
            and f"not measured by {indicator}",
            "age": age is not None
            and not evidence.ages[0] <= age <= evidence.ages[1]
            and f"for ages {evidence.ages[0]}–{evidence.ages[1]}",
            "group": group is not None and not _studied(evidence, group) and f"not studied by {group}",
            "certainty": certainty is not None
            and CERTAINTIES.index(evidence.certainty) > CERTAINTIES.index(certainty)
            and f"certainty {evidence.certainty}",
        }
        missing = [said for said in lacks.values() if said]
        about = bool(lacks["topic"]) + bool(lacks["indicator"])  # what an action is about counts most
        rows.append((about, len(missing), CERTAINTIES.index(evidence.certainty), evidence, "; ".join(missing)))
    least = min(row[:2] for row in rows)
    near = sorted((row for row in rows if row[:2] == least), key=lambda row: (row[2], row[3].id))
    frame = _frame([row[3] for row in near], lang)
    return frame.assign(missing=[row[4] for row in near])


def actions(lang: str = "fi") -> pd.DataFrame:
    """Every action of the library, one row each.

    Returns
    -------
    DataFrame
        ``id, name, topics, indicators, found, certainty, scale, value, lower, upper, acts_as`` (the effect as it moves
        the share badly off) ``, acting, by_group`` (whether groups were studied) ``, countries, numbers, against``
        (contradicting numbers) ``, usable`` (an action can be made of it).

    Examples
    --------
    >>> from hyteanalysis import evidence
    >>> frame = evidence.actions("en").set_index("id")
    >>> float(frame.loc["smoking-support", "acting"].round(3))
    0.922
    """
    return _frame([read(id) for id in library()], lang)


def table(lang: str = "fi") -> pd.DataFrame:
    """Every number of the library, one row each.

    Returns
    -------
    DataFrame
        ``action, number, quantity, what, dimension, group, scale, value, lower, upper, level, limits, unit, months,
        trials, people, country, year, design, certainty, graded, against, conversion, source, link, read``. ``link`` is
        empty where a copy was read, and never a DOI that was not seen.
    """
    rows = []
    for id in library():
        evidence = read(id)
        for name, number in evidence.numbers.items():
            source = evidence.sources[number.source]
            same = ("quantity", "dimension", "group", "scale", "value", "lower", "upper", "level", "limits", "unit")
            more = ("months", "trials", "people", "year", "design", "graded", "against")
            rows.append(
                {"action": id, "number": name, **{field: getattr(number, field) for field in (*same, *more)}}
                | {"what": _text(number.what, lang), "country": ", ".join(number.country), "certainty": number.worth}
                | {"conversion": number.conversion(lang), "source": source.cited, "link": source.link or ""}
                | {"read": source.read}
            )
    columns = (
        "action number quantity what dimension group scale value lower upper level limits unit months trials people "
        "country year design certainty graded against conversion source link read"
    )
    frame = pd.DataFrame(rows)[columns.split()]
    return frame.astype({"value": float, "lower": float, "upper": float, "trials": "Int64", "people": "Int64"})


def action(
    id: str,
    *,
    country: str = "FI",
    effect: "str | Pooled | None" = None,
    outcome: str | None = None,
    dimension: str | None = None,
    sd: float | None = None,
    lang: str = "fi",
) -> Action:
    """An action made of the library, every number with its origin.

    Answers: *what would this action be here, by what is published?* Numbers of the library carry source, year, page,
    conversion and the grade "measured elsewhere"; what the library does not know is assumed and says so.

    Parameters
    ----------
    id : str
    country : str
        Where it would be done: evidence from elsewhere gets a wider interval (``distance``).
    effect : str or Pooled, optional
        Another number than the file's choice (see :func:`alternatives`), or several as one (:func:`pooled`): then the
        interval is that of a new place.
    outcome, dimension : str, optional
        Your own indicator and grouping; numbers by group stay only where the grouping is the file's.
    sd : float, optional
        Standard deviation of the score, for a difference of means.
    lang : {"fi", "sv", "en"}
        Language of the conversions.

    Returns
    -------
    Action

    Raises
    ------
    PlanError
        Nothing is known to make an action of, a number is not there, or a difference of means lacks ``sd``.

    Examples
    --------
    >>> from hyteanalysis import evidence
    >>> made = evidence.action("smoking-support", lang="en")
    >>> float(made.effect.acting(made.effect.value).round(3)), made.effect.certainty, made.effect.grade
    (0.922, 'high', 'measured elsewhere')
    """
    evidence = read(id)
    if not evidence.action:
        near = [one for one in library() if set(read(one).topics) & set(evidence.topics) and read(one).action]
        hint = f" Nearest: {', '.join(near)}." if near else ""
        raise PlanError(f"{id}: no action can be made of it: {evidence.wording('unknown', 'en')}{hint}")
    data = filled(evidence, country, lang)
    if isinstance(effect, str):
        data["effect"] = _other(evidence, effect, country, lang)
    elif isinstance(effect, Pooled):
        data["effect"] = _of_many(evidence, effect, country)
    if sd is not None:
        data["effect"]["sd"] = sd
    if dimension is not None and dimension != data["dimension"]:
        data = {**_without_groups(data), "dimension": dimension}
    if outcome is not None:
        data["outcome"] = outcome
    notes = {one: _note(evidence, data["effect"], one) for one in i18n.LANGS}
    about = {"id": id, "name": dict(evidence.name), "description": dict(evidence.what)}
    return Action.from_dict({**about, **data, "notes": notes})


def alternatives(id: str, lang: str = "fi") -> pd.DataFrame:
    """The effects an action could rest on, and what each would mean.

    Returns
    -------
    DataFrame
        ``number, chosen, what, scale, value, lower, upper, acts_as, acting`` (as it moves the share badly off)
        ``, certainty, against, source``; differences of means without a standard deviation have no ``acting``.

    Examples
    --------
    >>> from hyteanalysis import evidence
    >>> evidence.alternatives("ips-employment").number.tolist()
    ['pooled', 'cautious', 'thirty-sites']
    """
    evidence = read(id)
    rows = [
        {
            "number": name,
            "chosen": name == evidence.chosen,
            "what": _text(number.what, lang),
            **{field: getattr(number, field) for field in ("scale", "value", "lower", "upper")},
            **_acting(number),
            "certainty": number.worth,
            "against": number.against,
            "source": evidence.sources[number.source].cited,
        }
        for name, number in evidence.effects().items()
    ]
    return pd.DataFrame(rows).astype({"value": float, "lower": float, "upper": float, "acting": float})


def pooled(id: str, numbers: Sequence[str]) -> Pooled:
    """Several estimates of one effect as one, by random effects.

    Answers: *what would a new place see, when places differ?* μ̂ = Σ w y/Σ w with w = 1/(s² + τ²), τ² by DerSimonian
    and Laird; a new place's effect lies within μ̂ ± t_{k−2}·√(τ² + se²) (Higgins, Thompson & Spiegelhalter 2009).

    Parameters
    ----------
    id : str
    numbers : list of str
        Two or more effects of one scale with limits, of different studies. Reviews share their trials and are refused
        unless they are of different groups: they are alternatives.

    Raises
    ------
    PlanError
        Numbers that cannot be pooled, and why.

    Notes
    -----
    Not for estimates that differ for a known reason (a light and an intensive visit): choose between them.

    Examples
    --------
    >>> from hyteanalysis import evidence
    >>> both = evidence.pooled("falls-home-hazards", ["high-risk", "one-visit"])
    >>> both.lower < 1 < both.upper, both.heterogeneity > 0.9
    (True, True)
    """
    import numpy as np
    from scipy import stats
    from statsmodels.stats.meta_analysis import combine_effects

    evidence = read(id)
    chosen = {name: evidence.numbers[one_of(name, evidence.effects(), "number", PlanError)] for name in numbers}
    if len(chosen) < 2:
        raise PlanError(f"pooled() takes two or more different numbers; given: {', '.join(numbers) or 'none'}.")
    scales = {(number.scale, number.favourable) for number in chosen.values()}
    if len(scales) > 1 or next(iter(scales))[0] not in _POOLED:
        raise PlanError(f"{', '.join(chosen)}: are on different scales; pool numbers of one scale.")
    bare = [name for name, number in chosen.items() if number.bare]
    if bare:
        raise PlanError(f"{', '.join(bare)}: has no limits of confidence, so that its weight is unknown. Leave it out.")
    reviews = [(number.dimension, number.group) for number in chosen.values() if number.design == "review"]
    if len(set(reviews)) < len(reviews):
        raise PlanError("Reviews of the same people share their trials: take one of them (see alternatives).")
    values, errors = np.array([_symmetric(number) for number in chosen.values()]).T
    made = combine_effects(values, errors**2, method_re="chi2", use_t=False)
    count, mean, spread = len(values), float(made.mean_effect_re), float(made.sd_eff_w_re)
    scale = next(iter(scales))[0]
    back = float if scale in ("rd", "smd", "mean_difference") else math.exp
    half = NormalDist().inv_cdf(0.975) * spread
    wide = float(stats.t.ppf(0.975, count - 2) * math.sqrt(made.tau2 + spread**2)) if count > 2 else None
    return Pooled(
        scale=scale,
        value=back(mean),
        lower=back(mean - half),
        upper=back(mean + half),
        predicted_lower=None if wide is None else back(mean - wide),
        predicted_upper=None if wide is None else back(mean + wide),
        heterogeneity=max(0.0, float(made.i2)),
        numbers=tuple(chosen),
    )


@i18n.spoken
def line(id: str, lang: str = "fi") -> str:
    """The evidence on an action in one line: what was found, how certain, from where, whether by group."""
    return _line(read(id), lang)


@i18n.spoken
def described(id: str, lang: str = "fi") -> list[str]:
    """The evidence on an action as sentences, one a line: what ``hyte evidence show`` prints."""
    evidence = read(id)
    t = i18n.text
    lines = [
        evidence.wording("name", lang),
        evidence.wording("what", lang),
        f"{t('evidence.who', lang)}: {evidence.wording('who', lang)}",
        f"{t('evidence.outcome', lang)}: {evidence.wording('outcome', lang)}",
        _line(evidence, lang),
        f"{t('evidence.groups', lang)}: {evidence.wording('groups', lang)}",
        f"{t('evidence.unknown', lang)}: {evidence.wording('unknown', lang)}",
    ]
    if evidence.action:
        lines.append(f"{t('evidence.choice', lang)}: {_text(evidence.action['effect']['why'], lang)}")
    for name, number in evidence.numbers.items():
        lines += ["", f"{name}: {described_number(number, lang)}"]
        source = evidence.sources[number.source]
        lines.append(f"  {source.cited}{f'. {source.link}' if source.link else ''}")
        if sum := number.conversion(lang):
            lines.append(f"  {t('evidence.conversion', lang)}: {sum}")
    return lines


def described_number(number: Number, lang: str) -> str:
    """A number in one line: what it is of, its size, follow-up, people, country, year, certainty."""
    t = i18n.text
    facts = [
        f"{_text(number.what, lang)}: {_sized(number, lang)}",
        *([t("evidence.months", lang, months=i18n.number(number.months, lang, 0))] if number.months else []),
        *([t("evidence.trials", lang, trials=i18n.integer(number.trials, lang))] if number.trials else []),
        *([t("evidence.people", lang, people=i18n.integer(number.people, lang))] if number.people else []),
        f"{_countries(number, lang)} {number.year}",
        t(f"evidence.design.{number.design}", lang),
        t("evidence.certainty", lang, certainty=t(f"evidence.certainty.{number.worth.replace(' ', '_')}", lang))
        + f" ({number.graded or t('evidence.by_design', lang)})",
        *([t("evidence.against", lang)] if number.against else []),
    ]
    return "; ".join(facts)


def _sized(number: Number, lang: str) -> str:
    if number.value is None and number.lower is None:
        return i18n.text(f"evidence.scale.{number.scale}", lang)
    shown = [
        i18n.percent(100 * one, lang, 1) if number.scale == "share" else i18n.number(one, lang, _decimals(one))
        for one in (number.value, number.lower, number.upper)
        if one is not None
    ]
    value = shown.pop(0) if number.value is not None else ""
    limits = f"({'–'.join(shown)})" if len(shown) == 2 else ""
    unit = number.unit or (i18n.text(f"evidence.scale.{number.scale}", lang) if number.scale != "share" else "")
    return " ".join(filter(None, [value, unit, limits]))


def _decimals(value: float) -> int:
    """As many as the size asks for: 0.0074, 1.83, 27.6, 135 000."""
    if value == round(value):
        return 0
    return 4 if abs(value) < 0.1 else 3 if abs(value) < 1 and round(value, 2) != value else 2 if abs(value) < 10 else 1


def _countries(number: Number, lang: str) -> str:
    return ", ".join(i18n.text(f"evidence.country.{one}", lang) for one in number.country)


def _line(evidence: Evidence, lang: str) -> str:
    number = evidence.numbers[evidence.chosen] if evidence.chosen else None
    countries = _countries(number or next(iter(evidence.numbers.values())), lang)
    said = [
        i18n.text(f"evidence.found.{evidence.found}", lang),
        i18n.text(
            "evidence.certainty",
            lang,
            certainty=i18n.text(f"evidence.certainty.{evidence.certainty.replace(' ', '_')}", lang),
        ),
        i18n.text("evidence.from", lang, country=countries),
        i18n.text(f"evidence.{'studied' if evidence.groups.studied else 'not_studied'}", lang),
    ]
    if any(one.against for name, one in evidence.numbers.items() if name != evidence.chosen):
        said.append(i18n.text("evidence.contradicted", lang))
    return "; ".join(said) + "."


def _note(evidence: Evidence, effect: Mapping[str, Any], lang: str) -> str:
    said = [_line(evidence, lang), evidence.wording("groups", lang), evidence.wording("unknown", lang)]
    if effect.get("distance", "none") != "none":
        said.insert(1, i18n.text("evidence.elsewhere", lang))
    return " ".join(said)


def _frame(held: Sequence[Evidence], lang: str) -> pd.DataFrame:
    rows = []
    for evidence in held:
        number = evidence.numbers[evidence.chosen] if evidence.chosen else None
        rows.append(
            {
                "id": evidence.id,
                "name": evidence.wording("name", lang),
                "topics": ", ".join(evidence.topics),
                "indicators": ", ".join(evidence.indicators),
                "found": evidence.found,
                "certainty": evidence.certainty,
                **{field: getattr(number, field, None) for field in ("scale", "value", "lower", "upper")},
                **(_acting(number) if number else {"acts_as": None, "acting": None}),
                "by_group": evidence.groups.studied,
                "countries": ", ".join(sorted({one for inner in evidence.numbers.values() for one in inner.country})),
                "numbers": len(evidence.numbers),
                "against": sum(inner.against for inner in evidence.numbers.values()),
                "usable": number is not None and not (number.scale == "mean_difference" and number.sd is None),
            }
        )
    return pd.DataFrame(rows).astype({"value": float, "lower": float, "upper": float, "acting": float})


def _acting(number: Number) -> dict[str, Any]:
    """The effect as it moves the share badly off: on which scale, and by how much."""
    from hyteanalysis.actions.model import Effect

    if not number.acts or (number.scale == "mean_difference" and number.sd is None):
        return {"acts_as": None, "acting": None}
    effect = Effect.model_validate(number.effect())
    if number.scale in ("none", "unknown") or effect.value is None:
        return {"acts_as": number.scale, "acting": None}
    return {"acts_as": effect.acts_as, "acting": float(effect.acting(effect.value))}


def _studied(evidence: Evidence, group: str) -> bool:
    return any(
        group in number.dimension.split(" × ") or group in (number.group or "").split(" × ")
        for number in evidence.numbers.values()
    )


def _other(evidence: Evidence, name: str, country: str, lang: str) -> dict[str, Any]:
    one_of(name, evidence.effects(), f"effect of {evidence.id}", PlanError)
    chosen = {**evidence.action, "effect": {"number": name, "why": evidence.action["effect"]["why"]}}
    made: dict[str, Any] = filled(evidence.model_copy(update={"action": chosen}), country, lang)["effect"]
    return made


def _of_many(evidence: Evidence, many: Pooled, country: str) -> dict[str, Any]:
    """The effect of a new place by a pooled estimate; with too few for that, its mean with the mean's own limits."""
    first, *others = (evidence.numbers[name] for name in many.numbers)
    worst = max((one.worth for one in (first, *others)), key=CERTAINTIES.index)
    far = max((one.distance(country) for one in (first, *others)), key=("none", "some", "far").index)
    return first.effect() | {
        "value": many.value,
        "lower": many.lower if many.predicted_lower is None else many.predicted_lower,
        "upper": many.upper if many.predicted_upper is None else many.predicted_upper,
        "source": "; ".join(
            dict.fromkeys(evidence.sources[evidence.numbers[name].source].cited for name in many.numbers)
        ),
        "conversion": f"random effects of {counted(len(many.numbers), 'estimate')}: {', '.join(many.numbers)}",
        "grade": "measured elsewhere",
        "certainty": worst,
        "distance": far,
    }


def _without_groups(node: Any) -> Any:
    """A form without numbers by group: they are of another grouping."""
    if not isinstance(node, Mapping):
        return node
    return {key: _without_groups(item) for key, item in node.items() if key not in ("by_group", "odds_ratio")}


def _text(texts: Mapping[Any, str], lang: str) -> str:
    return i18n.own_text({f"it_{key}": words for key, words in texts.items()}, "it", lang)[0]


def _symmetric(number: Number) -> tuple[float, float]:
    """An effect on the scale where it is symmetric, and its standard error."""
    value, limits = float(number.value or 0.0), (float(number.lower or 0.0), float(number.upper or 0.0))
    if number.scale not in ("rd", "smd", "mean_difference"):
        value, limits = math.log(value), (math.log(limits[0]), math.log(limits[1]))
    return value, (limits[1] - limits[0]) / (2 * NormalDist().inv_cdf(0.5 + number.level / 2))
