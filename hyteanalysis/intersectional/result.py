"""What the multilevel model of strata found, and its plain sentence."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from hyteanalysis.display import shown
from hyteanalysis.i18n import language, number, percent, spoken, text

FEW = 20  # strata under which the variance between them is hardly known


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

    @property
    def assumptions(self) -> tuple[str, ...]:
        """What must hold, in English."""
        return self.assumed("en")

    @spoken
    def assumed(self, lang: str = "fi") -> tuple[str, ...]:
        """What must hold, and what a reader must know: few strata, small ones, rows left out."""
        said = [text(f"intersectional.assumption.{self.kind}", lang), text("decomposition.assumption.no_cause", lang)]
        if len(self.frame) < FEW:
            said.append(text("intersectional.few", lang, number=number(len(self.frame), lang, 0), least=str(FEW)))
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
        return text("intersectional.sentence.some", lang, pcv=percent(100 * self.pcv, lang, 0), **told)

    def _repr_html_(self) -> str:
        title = text("display.strata", language())
        return shown(title, said=[self.sentence(language()), *self.assumed(language())], frame=self.frame)
