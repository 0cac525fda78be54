"""Commands that end in a document: the wellbeing report, the council brief, one figure."""

from pathlib import Path
from typing import Annotated, Any

import typer

from hyteanalysis.cli.inputs import Lang
from hyteanalysis.errors import HyteError, one_of

app = typer.Typer()


OFFICE = (".docx", ".pptx", ".xlsx")


@app.command()
def report(
    plan: Annotated[Path, typer.Argument(help="The plan's YAML or JSON file.")],
    release: Annotated[Path, typer.Option(help="Release folder.")],
    out: Annotated[Path, typer.Option("-o", "--out", help=".docx, .pptx, .xlsx or .html.")],
    lang: Lang = "fi",
    kind: Annotated[str, typer.Option(help="report, or brief: two pages for a council.")] = "report",
    template: Annotated[Path | None, typer.Option(help="The organisation's own Word file with named places.")] = None,
    actions: Annotated[Path | None, typer.Option(help="Folder of actions' effects. Default: the examples.")] = None,
    day: Annotated[
        str | None, typer.Option("--date", help="The report's day, such as 2026-03-09. Default: today.")
    ] = None,
) -> None:
    """The wellbeing report and plan: Word, PowerPoint, Excel or HTML."""
    from hyteanalysis import disclosure, reports
    from hyteanalysis.plan import Plan

    read, opened = Plan.read(plan), disclosure.Release.open(release)
    reports.write(read, opened, out, lang=lang, kind=kind, template=template, actions=actions, day=day)
    typer.echo(f"{out}: {read.title}")


@app.command()
def figure(
    kind: Annotated[str, typer.Argument(help="equiplot, trend, dots, map, matrix, county, bars, cards, …")],
    release: Annotated[Path, typer.Option(help="Release folder.")],
    out: Annotated[
        Path,
        typer.Option("-o", "--out", help=".svg, .png, .pdf with text and table beside; .docx, .pptx, .xlsx, .csv."),
    ],
    indicator: Annotated[str | None, typer.Option(help="Indicator id.")] = None,
    dimension: Annotated[str | None, typer.Option(help="Dimension id, such as education.")] = None,
    area: Annotated[list[str] | None, typer.Option(help="Area code; repeat.")] = None,
    period: Annotated[str | None, typer.Option(help="Default: the newest.")] = None,
    action: Annotated[
        Path | None, typer.Option(help="The action's file, for bars, cards, frontier, plane, tornado.")
    ] = None,
    budget: Annotated[float | None, typer.Option(help="Euros to share, for cards, frontier and plane.")] = None,
    seed: Annotated[int, typer.Option(help="Seed of an action's draws.")] = 1,
    plan: Annotated[Path | None, typer.Option(help="The plan's file, for worksheet.")] = None,
    lang: Lang = "fi",
) -> None:
    """One figure for a report, with its text alternative, table and source."""
    from hyteanalysis import disclosure, figures, reports

    one_of(kind, (*figures.KINDS, *figures.OF_BACKGROUND, *figures.OF_ONE_AREA, *figures.OF_AN_IMPACT), "figure kind")
    if plan is not None and kind != "worksheet":
        raise HyteError(f"--plan belongs to worksheet; {kind} shows no plan")
    opened = disclosure.Release.open(release)
    if kind in figures.OF_AN_IMPACT:
        bundle = _of_an_action(kind, opened, action, budget, {"areas": area, "period": period, "seed": seed}, lang)
    else:
        if action is not None or budget is not None:
            raise HyteError(
                f"--action and --budget belong to {', '.join(figures.OF_AN_IMPACT)}; {kind} shows a release"
            )
        if kind in figures.OF_ONE_AREA and indicator is not None:
            raise HyteError(f"{kind} shows all indicators; leave --indicator out")
        options: dict[str, Any] = {"dimension": dimension, "areas": area, "period": period, "lang": lang}
        if kind == "worksheet":
            options = _of_a_plan(plan, area, dimension, lang)
        elif kind not in figures.OF_ONE_AREA:
            options["indicator"] = indicator
        bundle = getattr(figures, kind)(opened, **options)
    if out.suffix.lower() in OFFICE:
        reports.write_figure(bundle, out)
    else:
        bundle.save(out)
    typer.echo(f"{out}: {bundle.title}")


def _of_a_plan(plan: Path | None, area: list[str] | None, dimension: str | None, lang: str) -> dict[str, Any]:
    """What the worksheet of a value discussion takes."""
    from hyteanalysis.plan import Plan

    if area and len(area) > 1:
        raise HyteError(f"worksheet is of one area; not of {', '.join(area)}")
    read = None if plan is None else Plan.read(plan)
    return {"plan": read, "areas": area[0] if area else None, "dimension": dimension, "lang": lang}


def _of_an_action(
    kind: str, opened: Any, action: Path | None, budget: float | None, options: dict[str, Any], lang: str
) -> Any:
    """A figure of what an action does, under its assumptions."""
    from hyteanalysis import actions, figures

    if action is None:
        raise HyteError(f"{kind} shows an action: name its file with --action")
    if kind in ("cards", "frontier") and budget is None:
        raise HyteError(f"{kind} shares money: name the sum with --budget")
    made = actions.impact(opened, actions.Action.read(action), **options)
    shared = {} if budget is None or kind in ("bars", "tornado") else {"budget": budget}
    return getattr(figures, kind)(made, lang=lang, **shared)
