"""Commands of the plan: what it lacks, and where each goal stands."""

from pathlib import Path
from typing import Annotated

import typer

from hyteanalysis.cli.inputs import Lang, say_cleaned

app = typer.Typer(help="The wellbeing plan: what it lacks, where each goal stands.", no_args_is_help=True)

File = Annotated[Path, typer.Argument(metavar="PLAN.yml", help="The plan's file.")]
Folder = Annotated[Path | None, typer.Option("--release", help="Release folder: also looks at the goals' indicators.")]
Out = Annotated[Path | None, typer.Option("-o", "--out", help=".csv, .xlsx, .parquet or .json. Default: the screen.")]


@app.command()
def check(plan: File, release: Folder = None, lang: Lang = "en") -> None:
    """List what a plan lacks before it is signed off."""
    from hyteanalysis.disclosure import Release
    from hyteanalysis.errors import one_of
    from hyteanalysis.i18n import LANGS
    from hyteanalysis.plan import Plan
    from hyteanalysis.plan.checks import check as lacks

    one_of(lang, LANGS, "language")
    read = Plan.read(plan)
    say_cleaned(plan, read.cleaned_lines)
    found = lacks(read, Release.open(release) if release else None, lang=lang)
    for row in found.itertuples():
        typer.echo(f"{row.where}: {row.field}: {row.message}")
    typer.echo(f"{plan}: {len(found)} to complete." if len(found) else f"{plan}: complete.")


@app.command()
def status(
    plan: File,
    release: Annotated[Path, typer.Option("--release", help="Release folder.")],
    out: Out = None,
) -> None:
    """Say where each goal stands, and which rules fire."""
    from hyteanalysis.cli.inputs import write
    from hyteanalysis.disclosure import Release
    from hyteanalysis.plan import Plan, candidates, fired, forecasts

    opened, held = Release.open(release), Plan.read(plan)
    told = held.status(opened)
    rules = fired(held, opened)
    if out is None:
        shown = told[
            ["goal", "baseline", "now", "lower", "upper", "threshold", "target", "state", "lead", "next_check"]
        ]
        typer.echo(shown.round(2).to_string(index=False))
        for row in rules.itertuples():
            why = f" ({row.reason})" if row.reason else ""
            typer.echo(f"rule {row.rule}: {row.verdict}{why}: {', '.join(row.actions) or '-'}")
        return
    frames = {"status": told, "rules": rules.assign(actions=rules["actions"].map(" ".join))}
    if out.suffix.lower() in (".xlsx", ".json"):
        frames |= {"candidates": candidates(rules, opened), "forecasts": forecasts(held, opened)}
        write(frames, out, f"release {opened.id}")
    else:
        write({"status": told}, out, f"release {opened.id}")
