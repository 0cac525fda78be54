"""Data in: files, official services, microdata and the synthetic example."""

from hyteanalysis.sources.files import read_groups, read_indicators, read_table, write_table

__all__ = ["read_groups", "read_indicators", "read_table", "write_table"]
