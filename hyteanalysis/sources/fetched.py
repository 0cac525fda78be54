"""What every connector gives back."""

from pathlib import Path
from typing import NamedTuple

import pandas as pd

from hyteanalysis.sources.together import write_together
from hyteanalysis.sources.writing import write_table


class Fetched(NamedTuple):
    """Tidy cells with the metadata of their indicators and groups.

    What was left out, kept once or taken from an old copy is said in ``indicators["notes"]``.
    """

    cells: pd.DataFrame
    indicators: pd.DataFrame
    groups: pd.DataFrame

    def save(self, path: str | Path) -> Path:
        """Write ``NAME.suffix`` with ``NAME.indicators.suffix`` and ``NAME.groups.suffix``, all of them or none."""
        path = Path(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = {f"{path.stem}.{what}{path.suffix}": getattr(self, what) for what in ("indicators", "groups")}
        frames = {**beside, path.name: self.cells}
        write_together(
            path, list(beside), lambda folder: [write_table(frame, folder / name) for name, frame in frames.items()]
        )
        return path
