"""Reports: what leaves the house as Word, PowerPoint, Excel and HTML."""

from hyteanalysis.reports.document import Bullets, Document, Figure, Number, Paragraph, Section, Table
from hyteanalysis.reports.steps import Cancelled
from hyteanalysis.reports.write import made, write
from hyteanalysis.reports.write_figure import figure_file, write_figure

__all__ = [
    "Bullets",
    "Cancelled",
    "Document",
    "Figure",
    "Number",
    "Paragraph",
    "Section",
    "Table",
    "figure_file",
    "made",
    "write",
    "write_figure",
]
