"""Reports: what leaves the house as Word, PowerPoint, Excel and HTML."""

from hyteanalysis.reports.document import Bullets, Document, Figure, Number, Paragraph, Section, Table
from hyteanalysis.reports.files import figure_file, made, write, write_figure
from hyteanalysis.reports.steps import Cancelled

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
