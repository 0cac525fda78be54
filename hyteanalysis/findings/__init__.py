"""The answer for one indicator × area × dimension, and its sentences."""

from hyteanalysis.findings.answer import finding, findings
from hyteanalysis.findings.model import Contrast, Finding, Reliability

__all__ = ["Contrast", "Finding", "Reliability", "finding", "findings"]
