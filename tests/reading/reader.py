"""A reader of sentences that is not their writer: it knows the texts' files, and how a language writes numbers."""

import json
import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

TEXTS = Path(__file__).resolve().parents[2] / "hyteanalysis" / "i18n"
SLOT = re.compile(r"\{(\w+)\}")
NUMBER = {"fi": r"[−-]?\d+(?:[\s\xa0\u202f]\d{3})*(?:,\d+)?", "en": r"[−-]?\d+(?:,\d{3})*(?:\.\d+)?"}


class Said(NamedTuple):
    """One sentence: its key and what stands in its places."""

    key: str
    values: dict[str, str]


class Told(NamedTuple):
    """A number as it is written, and by how much it may have been rounded."""

    value: float
    half: float

    def is_about(self, true: float) -> bool:
        return abs(self.value - true) <= self.half * (1 + 1e-6) + 1e-9


@cache
def patterns(lang: str, stem: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    """The sentences under a stem as they may stand in a text; those that say most come first."""
    texts = json.loads((TEXTS / f"{lang}.json").read_text(encoding="utf-8"))
    found = [(key, form) for key, said in texts.items() if key.startswith(stem) for form in forms(said)]
    found.sort(key=lambda pair: -len(SLOT.sub("", pair[1])))
    return tuple((key, pattern(form)) for key, form in found)


def forms(said: object) -> list[str]:
    """All forms of a text, for one and for many."""
    if isinstance(said, str):
        return [said]
    assert isinstance(said, dict)
    return [form for inner in said.values() for form in forms(inner)]


def pattern(form: str) -> re.Pattern[str]:
    """A text with places for what is put into it."""
    parts, at, seen = [], 0, set()
    for slot in SLOT.finditer(form):
        parts.append(re.escape(form[at : slot.start()]))
        name = slot[1]
        # limits stand in brackets after another number, or not at all
        inside = r"(?:\s\([^()]*\))?" if name == "interval" and form[: slot.start()].endswith("}") else ".+?"
        parts.append(f"(?P={name})" if name in seen else f"(?P<{name}>{inside})")
        seen.add(name)
        at = slot.end()
    # a point within a number, or after an ordinal such as "2. fifth", ends no sentence
    return re.compile("".join(parts) + re.escape(form[at:]) + r"(?:(?<!\d\.)(?=\s|$)|(?=\s+[A-ZÅÄÖ]|\s*$))")


def read(said: str, lang: str, *stems: str) -> list[Said]:
    """Every sentence under the stems that a text says; what one sentence has taken no other can."""
    found, left = [], said
    for stem in stems:
        for key, one in patterns(lang, stem):
            while match := one.search(left):
                if not match[0].strip():
                    break
                found.append(Said(key, match.groupdict()))
                left = left[: match.start()] + "\n" + left[match.end() :]
    return found


def number(said: str, lang: str) -> Told:
    """The first number of some words."""
    match = re.search(NUMBER[lang], said)
    assert match, f"no number in {said!r}"
    plain = re.sub(r"[\s\xa0\u202f]", "", match[0]).replace("−", "-")
    plain = plain.replace(",", ".") if lang == "fi" else plain.replace(",", "")
    decimals = len(plain.partition(".")[2])
    return Told(float(plain), 0.5 * 10.0**-decimals)
