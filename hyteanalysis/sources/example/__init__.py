"""The synthetic example: a made-up population on real areas, its tidy cells and its person file.

Everything it tells about people is invented (``reference/example.yml``) and must be labelled HARJOITUSAINEISTO where it
is shown. Only the areas, their sizes and their structures by age, education and language are facts.
"""

from hyteanalysis.sources.example.folder import schema, write
from hyteanalysis.sources.example.people import blocks, people
from hyteanalysis.sources.example.tables import cells, indicators

__all__ = ["blocks", "cells", "indicators", "people", "schema", "write"]
