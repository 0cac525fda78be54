"""How many branches of each package do its own tests reach? ``python tests/branches.py FILE [WORD …]``.

``FILE`` is coverage's JSON; ``make coverage`` makes it and names the packages. Exits with 1 where a package has less
than 95 % of its branches reached, or none at all in the file.
"""

import json
import sys
from collections import Counter
from pathlib import Path

LEAST = 0.95


def counted(files: dict[str, dict[str, dict[str, int]]]) -> tuple[Counter[str], Counter[str]]:
    """Branches of each package below ``hyteanalysis``, and those that were reached."""
    branches: Counter[str] = Counter()
    reached: Counter[str] = Counter()
    for name, file in files.items():
        package = Path(name).parts[1]
        branches[package] += file["summary"]["num_branches"]
        reached[package] += file["summary"]["covered_branches"]
    return branches, reached


def main(file: str, packages: list[str]) -> int:
    """Say the share of each package, and whether one falls short."""
    branches, reached = counted(json.loads(Path(file).read_text(encoding="utf-8"))["files"])
    short = False
    for package in packages or sorted(branches):
        share = reached[package] / branches[package] if branches[package] else 0.0
        short |= share < LEAST
        few = "" if share >= LEAST else f"  less than {LEAST:.0%}: the table above names the lines"
        print(f"{package}: {reached[package]} of {branches[package]} branches, {share:.1%}{few}")
    return int(short)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
