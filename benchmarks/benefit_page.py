"""How long page B takes to answer a new choice: every action on several areas of the example release.

Run: python benchmarks/benefit_page.py
"""

import statistics
import time

from hyteanalysis import places
from hyteanalysis.apps.benefit.choice import Choice, Setting
from hyteanalysis.apps.benefit.numbers import numbers
from hyteanalysis.apps.benefit.views import compute
from hyteanalysis.apps.kit.library import ActionLibrary, Library

AREAS = ("SSS", "HVA10", "HVA08", "KU285")


def main() -> None:
    library, actions = Library([places.committed("releases", "example")]), ActionLibrary.from_environment()
    told: dict[str, list[tuple[float, float]]] = {
        "answer, 2,000 draws": [],
        "numbers, 10,000 draws": [],
        "a figure": [],
    }

    def timed(what: str, work):
        start = time.perf_counter(), time.process_time()
        result = work()
        told[what].append((time.perf_counter() - start[0], time.process_time() - start[1]))
        return result

    def answered(asked: Choice):
        choice, _ = asked.settled(library, actions)
        footing = Setting.of(choice, library, actions)
        if footing is None:
            return None
        found = numbers(footing, choice)
        compute("answer", found, choice, "fi")
        return choice, footing, found

    answered(Choice(area="HVA10"))  # what is loaded once
    for identity in actions.usable(library.release(library.ids[0])):
        for area in AREAS:
            made = timed("answer, 2,000 draws", lambda: answered(Choice(area=area, action=identity)))  # noqa: B023
            if made is None:
                continue
            choice, footing, found = made
            more = Choice(**{**vars(choice), "refined": True})
            timed("numbers, 10,000 draws", lambda: numbers(footing, more))  # noqa: B023
            timed("a figure", lambda: compute("bars", found, choice, "fi").figure.svg(titles=False))  # noqa: B023
    print(f"{'':<24}{'choices':>8}{'median':>10}{'slowest':>10}   (seconds of wall, of processor)")
    for what, spent in told.items():
        wall, processor = zip(*spent, strict=True)
        print(
            f"{what:<24}{len(spent):>8}{statistics.median(wall):>10.2f}{max(wall):>10.2f}"
            f"   processor {statistics.median(processor):.2f} {max(processor):.2f}"
        )


if __name__ == "__main__":
    main()
