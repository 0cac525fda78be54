"""Tables of the reference package for rates: our own cases anywhere, those of peers in place."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

OWN = Path(__file__).parent / "reference" / "phe"
LEVELS = {"95": 0.95, "998": 0.998}


def reader(whose: str, shared: Callable[[str], Path]) -> Callable[[str], pd.DataFrame]:
    """Reads a reference table by its name, of our own cases or of the peers' (in place)."""

    def read(name: str) -> pd.DataFrame:
        folder, suffix = (shared("reference/phe/peer"), "") if whose == "peer" else (OWN, "_synthetic")
        frame = pd.read_csv(folder / f"{name}{suffix}.csv")
        return frame if "source" not in frame else frame[frame["source"] != "upstream"]

    return read


def agree(ours: pd.DataFrame, theirs: pd.DataFrame, pairs: dict[str, str], rtol: float = 1e-10) -> int:
    """Assert that columns agree where the reference has a number; how many numbers were compared."""
    compared = 0
    for mine, its in pairs.items():
        known = theirs[its].notna().to_numpy() & np.isfinite(theirs[its].to_numpy(dtype=float))
        np.testing.assert_allclose(ours[mine].to_numpy()[known], theirs[its].to_numpy(dtype=float)[known], rtol=rtol)
        compared += int(known.sum())
    return compared


LIMITS = {"estimate": "value", "lower": "lowercl", "upper": "uppercl"}
