"""What a gap consists of: composition and rates, background factors, causes, areas and groups, and change over time."""

from hyteanalysis.decomposition.composition import kitagawa
from hyteanalysis.decomposition.gap_change import change
from hyteanalysis.decomposition.indices import concentration, theil
from hyteanalysis.decomposition.methods import decompose
from hyteanalysis.decomposition.mortality import arriaga, causes
from hyteanalysis.decomposition.oaxaca_blinder import oaxaca
from hyteanalysis.decomposition.result import Decomposition

__all__ = [
    "Decomposition",
    "arriaga",
    "causes",
    "change",
    "concentration",
    "decompose",
    "kitagawa",
    "oaxaca",
    "theil",
]
