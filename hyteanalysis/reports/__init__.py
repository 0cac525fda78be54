"""Reports: what leaves the house as Word, PowerPoint, Excel and HTML."""

from hyteanalysis.progress import Cancelled
from hyteanalysis.reports.document import Bullets, Document, Figure, Paragraph, Section, Table, Value
from hyteanalysis.reports.files import figure_file, made, write, write_figure

__all__ = [
    "Bullets",
    "Cancelled",
    "Document",
    "Figure",
    "Paragraph",
    "Section",
    "Table",
    "Value",
    "figure_file",
    "made",
    "write",
    "write_figure",
]
