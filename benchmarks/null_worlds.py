"""How often something is said of worlds where nothing differs: single findings, and lists of areas.

    python benchmarks/null_worlds.py            writes the section "Null worlds" at the end of docs/coverage.md
    python benchmarks/null_worlds.py --quick    prints it of 30 areas a world

309 areas, 20 indicators, two years; 3, 5 and 10 groups with and without order; 200–2,000 respondents a group.
"""

import argparse
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))
from null_worlds import LISTS, said, world  # noqa: E402

DOCUMENT, HEADING = ROOT / "docs" / "coverage.md", "## Null worlds"
COLUMNS = ("named", "gap", "whole", "change", *LISTS)
LEAD = """
Made by `python benchmarks/null_worlds.py`: nothing differs, so whatever is said is false. {areas} areas, 20 indicators,
two years, 200–2,000 respondents a group. At most 5 % are allowed, for each kind of statement. *Of single findings*, %:
a worst group is named, the gap is called clear, the area is called better or weaker than the whole, the gap is said to
have changed. *Of areas*, % with any false entry in: the largest gaps of page A, the clear topics of a report, its
strengths, its areas for development, the clear gaps of the matrix. Monte Carlo error (one standard error): 0.3 of
findings, {error:.1f} of areas.

| groups | named | gap | whole | change | largest | clear | strengths | development | matrix |
|---|---|---|---|---|---|---|---|---|---|
"""


def section(areas: int) -> str:
    """The section, a row a world."""
    lines = []
    for groups in (3, 5, 10):
        for ordered in (True, False):
            shares, _ = said(*world(groups, ordered=ordered, areas=areas, seed=1))
            name = f"{groups}, {'ordered' if ordered else 'no order'}"
            lines.append(" | ".join(["", name, *(f"{100 * shares[column]:.1f}" for column in COLUMNS), ""]).strip())
            print(lines[-1], flush=True)
    lead = LEAD.format(areas=areas, error=100 * (0.05 * 0.95 / areas) ** 0.5)
    return f"{HEADING}\n{lead}" + "\n".join(lines) + "\n"


def main() -> None:
    """Write or print the section."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    quick = parser.parse_args().quick
    told = section(30 if quick else 309)
    if quick:
        print(told)
        return
    before = DOCUMENT.read_text(encoding="utf-8").split(HEADING)[0].rstrip()
    DOCUMENT.write_text(f"{before}\n\n{told}", encoding="utf-8")


if __name__ == "__main__":
    main()
