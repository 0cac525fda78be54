"""What is asked of a service with Sotkanet's recorded answers, and one of its cells."""

import numpy as np

import hyteanalysis as hyte

EDUCATION = [4404, 4408, 4409, 4410]


def fetch(bank, indicators=4404, **options):
    options = {"areas": ["hva", "maa"], "years": [2022, 2023], "base_url": bank.base} | options
    return hyte.sources.sotkanet(indicators, **options)


def value(cells, **keys):
    rows = cells.loc[np.logical_and.reduce([cells[name] == key for name, key in keys.items()])]
    assert len(rows) == 1
    return rows.iloc[0]
