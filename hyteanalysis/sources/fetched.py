"""What every connector gives back."""

from pathlib import Path
from typing import NamedTuple

import pandas as pd

from hyteanalysis.sources.files import write_table


class Fetched(NamedTuple):
    """Tidy cells with the metadata of their indicators and groups.

    What was left out, kept once or taken from an old copy is said in ``indicators["notes"]``.
    """

    cells: pd.DataFrame
    indicators: pd.DataFrame
    groups: pd.DataFrame

    def save(self, path: str | Path) -> Path:
        """Write ``NAME.suffix``, ``NAME.indicators.suffix`` and ``NAME.groups.suffix``, the cells last."""
        path = Path(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        for what in ("indicators", "groups"):
            write_table(getattr(self, what), path.with_name(f"{path.stem}.{what}{path.suffix}"))
        return write_table(self.cells, path)
