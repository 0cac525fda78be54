"""Data in: files, official services, microdata and the synthetic example."""

from hyteanalysis.sources.boundaries import boundaries
from hyteanalysis.sources.eurostat import eurostat
from hyteanalysis.sources.fetched import Fetched, write_table, write_tables
from hyteanalysis.sources.files import read_groups, read_indicators, read_table
from hyteanalysis.sources.heat import to_heat
from hyteanalysis.sources.inspection import Look, look
from hyteanalysis.sources.official import Official, official
from hyteanalysis.sources.pxweb import statfin
from hyteanalysis.sources.questions import questions
from hyteanalysis.sources.sotkanet import search_sotkanet, sotkanet, sotkanet_regions
from hyteanalysis.sources.sotkanet_metadata import catalogue
from hyteanalysis.sources.thl import thl, thl_cubes, thl_dimensions

__all__ = [
    "Fetched",
    "Look",
    "Official",
    "boundaries",
    "catalogue",
    "eurostat",
    "look",
    "official",
    "questions",
    "read_groups",
    "read_indicators",
    "read_table",
    "search_sotkanet",
    "sotkanet",
    "sotkanet_regions",
    "statfin",
    "thl",
    "thl_cubes",
    "thl_dimensions",
    "to_heat",
    "write_table",
    "write_tables",
]
