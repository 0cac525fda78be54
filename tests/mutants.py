"""Which slips would the tests catch? Each mutant of ``mutants.yml`` is put into a copy, and its narrow tests are run.

``make mutants``, or ``python tests/mutants.py WORD …`` for those in files whose path holds a word. Exits with 1 where
less than nine in ten are killed. The working tree is never touched.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from hyteanalysis import reading
from hyteanalysis.errors import HyteError

ROOT = Path(__file__).resolve().parents[1]
COPIED = ("hyteanalysis", "tests", "benchmarks", "data", "docs", "pyproject.toml")
SECONDS = 600  # a mutant that makes its tests run on and on is caught as well
LEAST = 0.9


@dataclass(frozen=True)
class Mutant:
    """One slip: ``old`` stands once in ``file`` and becomes ``new``; ``tests`` are what should notice."""

    file: str
    old: str
    new: str
    tests: tuple[str, ...]

    def text(self, whole: str) -> str:
        """The file with the slip in it; raises ValueError where ``old`` is not there exactly once."""
        count = whole.count(self.old)
        if count != 1 or self.old == self.new:
            raise ValueError(f"{self.file}: {self.old!r} stands {count} times, where a mutant needs it once")
        return whole.replace(self.old, self.new)


def listed(words: list[str]) -> Iterator[Mutant]:
    """The mutants of files whose path holds a word."""
    for entry in reading.read(ROOT / "tests" / "mutants.yml", HyteError).data:
        if not words or any(word in entry["file"] for word in words):
            for old, new in entry["mutants"]:
                yield Mutant(f"hyteanalysis/{entry['file']}", old, new, tuple(f"tests/{one}" for one in entry["tests"]))


def copy(folder: Path) -> None:
    """The package and its tests, as they are now, into a folder."""
    for name in COPIED:
        source = ROOT / name
        (shutil.copytree if source.is_dir() else shutil.copy2)(source, folder / name)


def passed(folder: Path, tests: tuple[str, ...]) -> bool:
    """Whether tests pass in a copy; never reads or writes compiled files of a mutant."""
    asked = [sys.executable, "-B", "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *tests]
    asked += ["-m", "not slow and not browser and not notebook"]
    shared = os.environ.get("HYTE_SHARED", str(ROOT.parent / "shared"))
    environment = {**os.environ, "PYTHONPATH": str(folder), "HYTE_SHARED": shared, "HYPOTHESIS_PROFILE": "unshrunk"}
    try:
        done = subprocess.run(asked, cwd=folder, env=environment, capture_output=True, text=True, timeout=SECONDS)
    except subprocess.TimeoutExpired:
        return False
    if done.returncode not in (0, 1, 2):
        raise RuntimeError(f"pytest could not run {', '.join(tests)}:\n{done.stdout}{done.stderr}")
    return done.returncode == 0


def main(words: list[str]) -> int:
    """Try every mutant, say what became of it, and count."""
    mutants = list(listed(words))
    with tempfile.TemporaryDirectory(prefix="mutants-") as made:
        folder = Path(made)
        copy(folder)
        spoilt = [one.text((folder / one.file).read_text(encoding="utf-8")) for one in mutants]  # all are found, first
        every = tuple(dict.fromkeys(test for one in mutants for test in one.tests))
        if not passed(folder, every):
            faulty = [test for test in every if not passed(folder, (test,))]
            raise RuntimeError(f"fail as they are, and can tell nothing of a mutant: {', '.join(faulty)}")
        survivors = []
        for mutant, text in zip(mutants, spoilt, strict=True):
            file = folder / mutant.file
            whole = file.read_bytes()
            file.write_text(text, encoding="utf-8")
            killed = not passed(folder, mutant.tests)
            file.write_bytes(whole)
            print(f"{'killed' if killed else 'SURVIVED'}  {mutant.file}: {mutant.old}  ->  {mutant.new}", flush=True)
            survivors += [] if killed else [mutant]
    share = 1 - len(survivors) / len(mutants)
    print(f"{len(mutants) - len(survivors)} of {len(mutants)} mutants killed ({share:.0%})")
    return int(share < LEAST)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
