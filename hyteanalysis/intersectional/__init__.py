"""Where several disadvantages meet: strata crossed from several dimensions, in one multilevel model (MAIHDA)."""

from hyteanalysis.intersectional.multilevel import Maihda, maihda

__all__ = ["Maihda", "maihda"]
