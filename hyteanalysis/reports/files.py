"""Write the wellbeing report and plan, or one figure, as a file: whole or not at all."""

from collections.abc import Callable
from datetime import date
from datetime import date as Date
from pathlib import Path

from hyteanalysis.actions import library
from hyteanalysis.disclosure import Release
from hyteanalysis.errors import DisclosureError, PlanError, one_of
from hyteanalysis.figures import FigureBundle
from hyteanalysis.i18n import LANGS, spoken, text
from hyteanalysis.plan import Plan
from hyteanalysis.progress import Progress, Steps, told
from hyteanalysis.reports import kinds
from hyteanalysis.reports.document import Block, Document, Figure, Paragraph, Section, Table
from hyteanalysis.reports.material import Material
from hyteanalysis.reports.office import save, writable

SUFFIXES = (".docx", ".pptx", ".xlsx", ".html")
_KINDS = ("report", "brief")


@spoken
def write(
    plan: Plan,
    release: Release,
    path: str | Path,
    *,
    lang: str = "fi",
    kind: str = "report",
    template: str | Path | None = None,
    actions: str | Path | None = None,
    day: str | None = None,
    progress: Progress | bool | None = None,
) -> Path:
    """Write the wellbeing report and plan of an organisation, or the two-page brief for its council.

    Parameters
    ----------
    plan : Plan
        Its area is the report's.
    release : Release
        The only numbers that the report shows, but those that the plan keeps.
    path : path
        ``.docx`` (the whole report), ``.html`` (the same in one file), ``.pptx`` (its main points, native charts with
        intervals) or ``.xlsx`` (all tables, all figures' numbers and native charts).
    lang : {"fi", "sv", "en"}
        Texts of the plan stay in the plan's language.
    kind : {"report", "brief"}
        ``brief``: two pages for a council.
    template : path, optional
        The organisation's own Word file with places for the content: ``{{ content }}``, or one for each chapter:
        ``{{ summary }} {{ background }} {{ description }} {{ conclusions }} {{ plan }} {{ appendices }}``; also
        ``{{ title }} {{ subtitle }} {{ organisation }} {{ date }} {{ mark }} {{ release }}``. For ``.docx`` only.
    actions : path, optional
        Folder of the actions' effects; those that come with the library by default.
    day : str, optional
        ISO day that the report carries; today by default. The same plan, release and day give the same bytes.
    progress : callable or bool, optional
        Called as ``progress(done, total, words)``; answering False stops the work. True shows a bar, False none. None:
        a bar where somebody waits, on a terminal or in a notebook, once it takes longer than a second.

    Returns
    -------
    Path

    Raises
    ------
    PlanError
        Where the release does not hold what a goal names, or a text of the plan holds personal data.
    SourceError
        For a path that cannot be written, or a template that cannot be read or lacks the named places.
    Cancelled
        Where ``progress`` answered False. Nothing is written then, and an older file stays.

    Notes
    -----
    Every number in a sentence stands in a table of the same document; sentences are those of a
    :class:`hyteanalysis.Finding`.
    """
    path = writable(Path(path))
    suffix = one_of(path.suffix.lower(), SUFFIXES, "suffix of a report's file")
    with told(progress) as tell:
        content = made(
            plan,
            release,
            suffix[1:],
            lang=lang,
            kind=kind,
            template=template,
            actions=actions,
            day=day,
            progress=tell,
        )
    save(path, content)
    return path


def made(
    plan: Plan,
    release: Release,
    suffix: str,
    *,
    lang: str = "fi",
    kind: str = "report",
    template: str | Path | None = None,
    actions: str | Path | None = None,
    day: str | None = None,
    progress: Progress | None = None,
) -> bytes:
    """The bytes of the file that :func:`write` writes, for a page or a server that offers it.

    Parameters
    ----------
    plan, release, lang, kind, template, actions, day, progress
        As for :func:`write`.
    suffix : {"docx", "pptx", "xlsx", "html"}

    Returns
    -------
    bytes

    Raises
    ------
    HyteError
        As :func:`write`, but for those of the path.
    """
    one_of(suffix, [one[1:] for one in SUFFIXES], "kind of a report's file")
    one_of(kind, _KINDS, "kind of report")
    one_of(lang, LANGS, "language")
    if not isinstance(plan, Plan):
        raise PlanError(f"a report needs a Plan, such as hyte.Plan.read(path) gives; not {type(plan).__name__}")
    if not isinstance(release, Release):
        raise DisclosureError(
            f"a report takes a Release, such as hyte.Release.open(path) gives; not {type(release).__name__}"
        )
    if template is not None:
        one_of(suffix, ["docx"], "kind of file made from a template")
        from hyteanalysis.reports import docx as own

        own.check(template)
    steps = Steps(progress)
    effects = {file.stem: file for file in sorted(Path(actions).glob("*.yml"))} if actions else library()
    material = Material.gather(plan, release, lang, steps=steps, effects=effects, day=day or Date.today().isoformat())
    steps.part(text("report.step.figures", lang), kinds.expected(material, kind, suffix))
    document = kinds.document(material, kind, suffix)
    steps.part(text("report.step.file", lang), len(document.figures()))
    content = _renderer(suffix, template)(document, steps)
    steps.finish(text("report.step.ready", lang))
    return content


def _renderer(suffix: str, template: str | Path | None) -> Callable[[Document, Steps], bytes]:
    """What turns a document into a file; imported only when it is needed."""
    if template is not None:
        from hyteanalysis.reports import docx as own

        return lambda document, steps: own.fill(template, document, steps)
    if suffix == "docx":
        from hyteanalysis.reports.docx import render
    elif suffix == "pptx":
        from hyteanalysis.reports.pptx import render
    elif suffix == "xlsx":
        from hyteanalysis.reports.xlsx import render
    else:
        from hyteanalysis.reports.html import render
    return render


_FIGURE_SUFFIXES = (".docx", ".pptx", ".xlsx")


def write_figure(bundle: FigureBundle, path: str | Path) -> Path:
    """Write a figure with its caption, text alternative, table and source, for a document of one's own.

    Parameters
    ----------
    bundle : FigureBundle
        As any function of :mod:`hyteanalysis.figures` gives it.
    path : path
        ``.docx`` (picture), ``.pptx`` or ``.xlsx`` (native chart with intervals where the figure has a common form,
        else the picture; always the table).

    Returns
    -------
    Path

    Raises
    ------
    HyteError
        For another suffix.
    SourceError
        Where the path cannot be written; an older file there stays.

    Examples
    --------
    >>> import tempfile, hyteanalysis as hyte
    >>> from hyteanalysis import places
    >>> release = hyte.Release.open(places.committed("releases", "example"))
    >>> gap = hyte.figures.pyramid(release, indicator="example-smoking", dimension="sex", areas="HVA08", lang="en")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_figure(gap, f"{folder}/ages.docx").name
    'ages.docx'
    """
    path = Path(path)
    suffix = one_of(path.suffix.lower(), _FIGURE_SUFFIXES, "suffix of a figure's Office file")
    save(writable(path), figure_file(bundle, suffix[1:]))
    return path


def figure_file(bundle: FigureBundle, kind: str) -> bytes:
    """The bytes of the file that :func:`write_figure` writes; ``kind`` is ``docx``, ``pptx`` or ``xlsx``."""
    one_of(kind, [suffix[1:] for suffix in _FIGURE_SUFFIXES], "kind of a figure's Office file")
    document = _figure_document(bundle, table=kind != "xlsx")  # a figure's sheet holds its table
    if kind == "docx":
        from hyteanalysis.reports.docx import render

        return render(document)
    if kind == "pptx":
        from hyteanalysis.reports.pptx import render as slides

        return slides(document)
    from hyteanalysis.reports.xlsx import render as sheets

    return sheets(document)


def _figure_document(bundle: FigureBundle, *, table: bool = True) -> Document:
    """A figure alone as a document: the finding as title, the figure, its table, how to read it."""
    lang = bundle.lang
    reading = tuple(Paragraph(words) for words in bundle.long_text.split("\n\n") if words)
    blocks: tuple[Block, ...] = (Figure(bundle), *([Table.of(bundle)] if table else []), *reading)
    return Document(
        title=bundle.title,
        subtitle=bundle.subtitle,
        lang=lang,
        chapters=(Section(bundle.title, blocks),),
        cover=False,
        date=date.today().isoformat(),
        release=bundle.release,
    )
