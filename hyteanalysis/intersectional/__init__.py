"""Where several disadvantages meet: strata crossed from several dimensions, in one multilevel model (MAIHDA)."""

from hyteanalysis.intersectional.analysis import maihda
from hyteanalysis.intersectional.result import Maihda

__all__ = ["Maihda", "maihda"]
