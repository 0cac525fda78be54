"""Pages of the site that the project holds elsewhere: reference, glossary, benchmarks, contributing, changelog."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files

ROOT = Path(__file__).resolve().parents[1]
SAID = {"none": "no difference found", "mean_difference": "needs a standard deviation"}
COPIES = {"benchmarks.md": "benchmarks/README.md", "contributing.md": "CONTRIBUTING.md", "changelog.md": "CHANGELOG.md"}


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the generated pages before the site is built."""
    from mkdocs.structure.files import File

    pages = reference() | {"glossary.md": glossary(), "evidence.md": evidence()}
    pages |= {page: local_links((ROOT / source).read_text(encoding="utf-8")) for page, source in COPIES.items()}
    for page, content in pages.items():
        files.append(File.generated(config, page, content=content))
    return files


def on_page_content(html: str, **_: object) -> str:
    """Roles that docstrings use for editors say nothing on a page."""
    return re.sub(r":(?:func|class|mod|meth|attr):(?=\s*<code)", "", html)


def local_links(text: str) -> str:
    """A link into the repository's docs folder is a link to the page beside."""
    return re.sub(r"\]\((?:\.\./)?docs/", "](", text)


def reference() -> dict[str, str]:
    """A page for each room of the package, its public names with their docstrings."""
    import hyteanalysis

    rooms: dict[str, dict[str, str]] = {}
    for name, module in hyteanalysis._PUBLIC.items():
        rooms.setdefault(module.split(".")[1], {})[name] = f"{module}.{name}"
    for room in hyteanalysis._MODULES:
        there = getattr(hyteanalysis, room)
        for name in getattr(there, "__all__", ()):
            home = there.__name__ if name in vars(there) else getattr(there, name).__module__  # some are imported late
            rooms.setdefault(room, {}).setdefault(name, f"{home}.{name}")
    pages = {
        f"reference/{room}.md": f"# {room}\n\n" + "\n\n".join(f"::: {path}" for path in names.values()) + "\n"
        for room, names in sorted(rooms.items())
    }
    listed = [
        f"- [{room}]({room}.md): {', '.join(f'`{name}`' for name in names)}" for room, names in sorted(rooms.items())
    ]
    pages["reference/index.md"] = "# Reference\n\nThe public names, room by room.\n\n" + "\n".join(listed) + "\n"
    return pages


def glossary() -> str:
    """The terms of the dashboards in the three languages, with their Finnish meaning as the pages show it."""
    from hyteanalysis.apps.server.frame import TERMS
    from hyteanalysis.i18n import LANGS, text

    rows = ["| " + " | ".join(text(f"glossary.term.{term}", lang) for lang in LANGS) + " |" for term in TERMS]
    meanings = [f"**{text(f'glossary.term.{term}', 'en')}**: {text(f'glossary.text.{term}', 'en')}\n" for term in TERMS]
    return "\n".join(["# Glossary\n", "| suomi | svenska | English |", "|---|---|---|", *rows, "", *meanings])


def evidence() -> str:
    """The library of evidence: each action with what was found, its numbers with sums and sources, what is unknown."""
    from hyteanalysis import evidence

    frame, numbers = evidence.actions("en").sort_values("id"), evidence.table("en")
    page = [
        "# Published evidence on actions",
        "",
        f"{len(frame)} actions, {len(numbers)} numbers, each read on a page. `hyte evidence use ID` writes an action's "
        "file. A DOI that was not seen on the page is not printed; no link means that a copy was read, and the journal "
        "is cited. Certainty is by whoever graded it, else by the design of the study.",
        "",
        "| action | found | certainty | effect on the share badly off | by group |",
        "|---|---|---|---|---|",
    ]
    for row in frame.itertuples():
        moved = f"{row.acts_as} {row.acting:.3g}" if row.acting == row.acting else SAID.get(row.scale, "not known")
        page.append(
            f"| [{row.name}](#{row.id}) | {row.found} | {row.certainty} | {moved} | {'yes' if row.by_group else 'no'} |"
        )
    for row in frame.itertuples():
        held = evidence.read(row.id)
        facts = {"For": "who", "Measured": "outcome", "By group": "groups", "Not known": "unknown"}
        page += [
            "",
            f"## {row.name} {{#{row.id}}}",
            "",
            held.wording("what", "en"),
            "",
            evidence.line(row.id, "en"),
            "",
        ]
        page += [f"- **{name}**: {held.wording(field, 'en')}" for name, field in facts.items()]
        if held.action:
            page.append(f"- **Why `{held.chosen}`**: {held.action['effect']['why']['en']}")
        page += ["", "| number | what and how sure | sum | source |", "|---|---|---|---|"]
        for one in numbers[numbers["action"] == row.id].itertuples():
            said = evidence.described_number(held.numbers[one.number], "en")
            link = f"[{one.source}]({one.link})" if one.link else one.source
            page.append(f"| `{one.number}` | {said} | {one.conversion} | {link}, read {one.read} |".replace("\n", " "))
    return "\n".join(page) + "\n"
