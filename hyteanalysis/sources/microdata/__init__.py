"""Person rows to tidy cells, on the engine where the rows lie: DuckDB by default, Spark or a database by choice."""

from hyteanalysis.sources.microdata.aggregation import Aggregation, aggregate, aggregation, write
from hyteanalysis.sources.microdata.question import Outcome
from hyteanalysis.sources.microdata.ranks import concentration
from hyteanalysis.sources.microdata.schema import Schema

__all__ = ["Aggregation", "Outcome", "Schema", "aggregate", "aggregation", "concentration", "write"]
