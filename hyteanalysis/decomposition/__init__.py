"""What a gap consists of: composition and rates, background factors, causes, areas and groups, and change over time."""

from hyteanalysis.decomposition.arriaga import arriaga
from hyteanalysis.decomposition.causes import causes
from hyteanalysis.decomposition.change import change
from hyteanalysis.decomposition.choice import decompose
from hyteanalysis.decomposition.concentration import concentration
from hyteanalysis.decomposition.kitagawa import kitagawa
from hyteanalysis.decomposition.oaxaca import oaxaca
from hyteanalysis.decomposition.result import Decomposition
from hyteanalysis.decomposition.theil import theil

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
