"""Files broken in every way (bytes cut, swapped, encodings mixed) are read, or refused with a HyteError."""

import random
import warnings
from pathlib import Path

import pandas as pd
import pytest

import hyteanalysis as hyte

CASES = sorted(
    path
    for path in (Path(__file__).resolve().parent / "cases").rglob("*")
    if path.suffix in (".csv", ".tsv", ".xlsx", ".ods", ".json") and "metadata" not in path.name
)
TEXTS = [path for path in CASES if path.suffix in (".csv", ".tsv")]


def mutated(data, rng):
    """Bytes with a few faults in them."""
    data = bytearray(data)
    for _ in range(rng.randint(1, 4)):
        if not data:
            break
        at = rng.randrange(len(data))
        kind = rng.randrange(8)
        if kind == 0:
            del data[at:]
        elif kind == 1:
            del data[at : at + rng.randint(1, 40)]
        elif kind == 2:
            data[at] = rng.randrange(256)
        elif kind == 3:
            other = rng.randrange(len(data))
            data[at], data[other] = data[other], data[at]
        elif kind == 4:
            data[at:at] = rng.choice(
                [b"\xe4", "ä€".encode(), b"\x00", b'"', b"\r", b"\xff\xfe", b";;;;", b"\n\n", b","]
            )
        elif kind == 5:
            data[at:at] = data[: rng.randint(1, 60)]
        elif kind == 6:
            data = bytearray(bytes(data).decode("latin-1").encode(rng.choice(["utf-16", "utf-8", "utf-32"])))
        else:
            data[at:at] = rng.choice([b"1.234,5", b"1,234", b"..", b"<5", "−7".encode(), b"75 %", b"#DIV/0!", b"=1+1"])
    return bytes(data)


def outcome(read):
    try:
        return "cells" if isinstance(read(), pd.DataFrame) else "something else"
    except hyte.HyteError as error:
        return "refused" if str(error).strip() else "refused without a word"


def tried(folder, seed):
    """One broken file through the doors."""
    rng = random.Random(seed)
    path = rng.choice(CASES)
    to = folder / f"{seed}{path.suffix}"
    to.write_bytes(mutated(path.read_bytes(), rng))
    done = []
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        done.append(outcome(lambda: hyte.tidy(hyte.sources.read_table(to))))
        if path in TEXTS:
            asked = {"by": ["sex"], "outcomes": {"smoking": "smokes"}, "period": None}
            done.append(outcome(lambda: hyte.aggregate(to, **asked)))
    to.unlink()
    return done


def test_broken_files_give_a_table_or_a_clear_refusal(tmp_path):
    found = {one for seed in range(200) for one in tried(tmp_path, seed)}
    assert found == {"cells", "refused"}


@pytest.mark.slow
def test_two_thousand_broken_files(tmp_path):
    found = {one for seed in range(200, 2_000) for one in tried(tmp_path, seed)}
    assert found == {"cells", "refused"}
