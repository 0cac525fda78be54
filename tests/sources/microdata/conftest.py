"""The example's people as a file with its schema and as a frame, and twelve made by hand."""

import pandas as pd
import pytest

from hyteanalysis import reading
from hyteanalysis.sources import example


@pytest.fixture(scope="session")
def population(tmp_path_factory):
    folder = tmp_path_factory.mktemp("example")
    example.people(folder, people=6000)
    (folder / "schema.yml").write_text(reading.written(example.schema()), encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def people(population):
    frame = pd.read_parquet(population / "people")
    texts = frame.select_dtypes("category").columns
    return frame.astype(dict.fromkeys(texts, "str"))


@pytest.fixture
def few():
    """Twelve people, two of them without an answer."""
    return pd.DataFrame(
        {
            "area": ["KU285", "KU091"] * 6,
            "period": ["2023"] * 6 + ["2024"] * 6,
            "education": ["low", "low", "high", "high"] * 3,
            "sex": ["women"] * 5 + ["men"] * 7,
            "ill": [1, 0, 0, 1, None, 0, 1, 1, 0, None, 0, 0],
            "score": [3.5, 2, 8, 9, 1, 0, 4, 4, 7, 6, 2.5, 10],
            "years": [1.0, 2, 0.5, 1, 1, 1, 2, 2, 1, 1, 0.5, 1],
            "euros": [10, 20, 20, 30, 40, 40, 50, 60, 70, 70, 80, 90],
            "w": [1.0, 2, 1, 3, 1, 2, 2, 1, 1, 2, 1, 3],
            "h": ["a"] * 6 + ["b"] * 6,
            "c": [1, 1, 2, 2, 3, 3, 1, 1, 2, 2, 3, 3],
        }
    )
