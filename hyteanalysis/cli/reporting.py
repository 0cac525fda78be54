"""Commands that end in a document: the wellbeing report, the council brief, one figure."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hyteanalysis.cli.inputs import Lang, say_cleaned
from hyteanalysis.errors import HyteError, one_of

if TYPE_CHECKING:
    from hyteanalysis.figures.kit.registry import Kind

app = typer.Typer()


OFFICE = (".docx", ".pptx", ".xlsx")


def _checked(template: Path | None) -> None:
    """What a template has and lacks; nothing else is asked for then."""
    if template is not None:
        from hyteanalysis.reports import docx

        typer.echo("\n".join([str(template), *(f"  {line}" for line in docx.check_template(template))]))
        raise typer.Exit


@app.command()
def report(
    plan: Annotated[Path, typer.Argument(help="The plan's YAML or JSON file.")],
    release: Annotated[Path, typer.Option(help="Release folder.")],
    out: Annotated[Path, typer.Option("-o", "--out", help=".docx, .pptx, .xlsx or .html.")],
    lang: Lang = "fi",
    kind: Annotated[str, typer.Option(help="report, or brief: two pages for a council.")] = "report",
    template: Annotated[Path | None, typer.Option(help="The organisation's own Word file with named places.")] = None,
    check_template: Annotated[
        Path | None,
        typer.Option(
            help="Say what a Word file has and lacks as a template, and stop.", callback=_checked, is_eager=True
        ),
    ] = None,
    actions: Annotated[Path | None, typer.Option(help="Folder of actions' effects. Default: the examples.")] = None,
    day: Annotated[
        str | None, typer.Option("--date", help="The report's day, such as 2026-03-09. Default: today.")
    ] = None,
) -> None:
    """The wellbeing report and plan: Word, PowerPoint, Excel or HTML."""
    from hyteanalysis import disclosure, reports
    from hyteanalysis.plan import Plan

    read, opened = Plan.read(plan), disclosure.Release.open(release)
    say_cleaned(plan, read.cleaned_lines)
    reports.write(read, opened, out, lang=lang, kind=kind, template=template, actions=actions, day=day)
    typer.echo(f"{out}: {read.title}")


@app.command()
def figure(
    kind: Annotated[
        str, typer.Argument(help="equiplot, trend, map, …: docs/figures.md lists them; an unknown one names all.")
    ],
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
        Path | None, typer.Option(help="The action's file, for figures of what an action does, such as bars.")
    ] = None,
    budget: Annotated[float | None, typer.Option(help="Euros to share, for figures of an action.")] = None,
    seed: Annotated[int, typer.Option(help="Seed of an action's draws.")] = 1,
    plan: Annotated[Path | None, typer.Option(help="The plan's file, for the sheet of a value discussion.")] = None,
    lang: Lang = "fi",
) -> None:
    """One figure for a report, with its text alternative, table and source."""
    from hyteanalysis import disclosure, figures, reports

    kinds = {name: one for name, one in figures.REGISTRY.items() if one.of != "result"}
    chosen = kinds[one_of(kind, list(kinds), "figure kind")]
    asked: dict[str, Any] = {"indicator": indicator, "dimension": dimension, "area": area or None, "period": period}
    asked |= {"action": action, "budget": budget, "plan": plan}
    given = {option: value for option, value in asked.items() if value is not None}
    for option in given:
        if option not in _options(chosen):
            others = ", ".join(name for name, one in kinds.items() if option in _options(one))
            raise HyteError(f"--{option} belongs to {others}; {kind} has no use for it: leave --{option} out")
    if chosen.of == "impact" and action is None:
        raise HyteError(f"{kind} shows an action: name its file with --action")
    if "budget" in chosen.needs and budget is None:
        raise HyteError(f"{kind} shares money: name the sum with --budget")
    if "one area" in chosen.needs and area and len(area) > 1:
        raise HyteError(f"{kind} is of one area; not of {', '.join(area)}")
    drawn_of: Any = disclosure.Release.open(release)
    options = chosen.only({**given, "areas": area[0] if area and "one area" in chosen.needs else area or None})
    if plan is not None:
        from hyteanalysis.plan import Plan

        options["plan"] = Plan.read(plan)
    if action is not None:
        from hyteanalysis.actions import Action, impact

        drawn_of = impact(drawn_of, Action.read(action), areas=area, period=period, seed=seed)
    bundle = chosen.draw(drawn_of, lang=lang, **options)
    if out.suffix.lower() in OFFICE:
        reports.write_figure(bundle, out)
    else:
        bundle.save(out)
    typer.echo(f"{out}: {bundle.title}")


def _options(kind: "Kind") -> set[str]:
    """Options of the command that serve a kind of figure."""
    named = {"areas": "area"}
    own = {named.get(option, option) for option in kind.takes}
    # an action brings its own indicator and grouping; its budget is shared where the kind shows that
    return own | {"action", "area", "period", "budget"} if kind.of == "impact" else own
