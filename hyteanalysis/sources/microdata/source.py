"""Where the person rows lie: files, a database, a Spark session or an Ibis table, opened as one Ibis table."""

import glob
import hashlib
import os
import re
import tempfile
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import duckdb
import ibis
import ibis.expr.operations as ops
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from hyteanalysis.characters import cleaned_frame
from hyteanalysis.errors import HyteError, SourceError, TidyError, one_of
from hyteanalysis.sources import delimited, layout, statistical, workbooks

_FULL = ("no space left", "disk full", "max_temp_directory_size", "out of disk")
FILES = (".parquet", *delimited.SUFFIXES)
SINGLE = (*workbooks.SUFFIXES, *statistical.PROGRAMS)
DATABASES = (".duckdb", ".db", ".ddb")
# bytes at each end of a file that its _fingerprint reads; a Parquet file's index and statistics are there
_ENDS = 65_536


@dataclass(frozen=True)
class Source:
    """An opened source: the Ibis table, its connection, its _files, and what the manifest says of it."""

    table: Any
    connection: Any
    described: dict[str, Any]
    parts: tuple[Path, ...] = ()
    csv: bool = False  # all columns are text
    separator: str | None = None  # of its columns in a text file
    labels: dict[str, dict[Any, str]] = field(default_factory=dict)  # of codes, as a statistical program keeps them
    ordered: tuple[str, ...] = ()  # columns whose labels stand in order
    categories: dict[str, list[str]] = field(default_factory=dict)  # of a frame's ordered categoricals, in order
    own: bool = False  # opened here, so closed here
    kept: list[str] = field(default_factory=list)

    def keep(self, expression: Any) -> Any:
        """The expression's rows, computed once and kept on the engine until the source is closed."""
        if self.connection.name == "pyspark":
            return expression.cache()
        name = f"hyte_{os.getpid()}_{id(expression)}_{len(self.kept)}"
        made = self.connection.create_table(name, expression, temp=True)
        self.kept.append(name)
        return made

    def once(self, columns: list[str]) -> "Source":
        """The same source with the columns asked of, its text parsed once however often it is scanned."""
        if not self.csv or not self.parts or self.connection.name != "duckdb":
            return self
        return replace(self, table=self.keep(self.table.select(columns)))


def fetched(expression: Any) -> pd.DataFrame:
    """An expression's rows by way of Arrow, which takes a third of the time of ``execute``."""
    frame: pd.DataFrame = expression.to_pyarrow().to_pandas()
    return frame


@contextmanager
def opened(
    source: Any,
    *,
    engine: Any = "duckdb",
    table: str | None = None,
    memory_limit: str | None = None,
    threads: int | None = None,
) -> Iterator[Source]:
    """Open a source on an engine; what the engine refuses comes out as one SourceError, with the part at fault."""
    with tempfile.TemporaryDirectory(prefix="hyte-") as spill, warnings.catch_warnings():
        # Ibis 12 asks DuckDB 2 and pandas 3 for what they call otherwise by now
        warnings.filterwarnings("ignore", message="fetch_arrow_table", category=DeprecationWarning)
        warnings.filterwarnings("ignore", message=".*future.infer_string", category=DeprecationWarning)
        settings = {"memory_limit": memory_limit, "threads": threads, "temp_directory": spill}
        settings = {name: value for name, value in settings.items() if value is not None}
        found: Source | None = None
        try:
            found = _opened(source, engine, table, {**settings, "preserve_insertion_order": False})
            yield found
        except (HyteError, KeyboardInterrupt):
            raise
        except Exception as error:
            raise _told(error, found) from error
        finally:
            _forget(found)


def _opened(source: Any, engine: Any, table: str | None, settings: dict[str, Any]) -> Source:
    if isinstance(source, ibis.expr.types.Table):
        own = not source.op().find((ops.DatabaseTable, ops.SQLQueryResult))  # in memory: belongs to no engine yet
        connection = _duckdb(settings) if own else source.get_backend()
        query = hashlib.sha256(repr(source).encode()).hexdigest()
        return Source(source, connection, {"kind": "ibis", "engine": connection.name, "expression": query}, own=own)
    if isinstance(source, pd.DataFrame):
        digest = hashlib.sha256(pd.util.hash_pandas_object(source).to_numpy().tobytes()).hexdigest()
        described = {"kind": "frame", "engine": "duckdb", "sha256": digest}
        categories = {
            str(name): source[name].cat.categories.astype("str").tolist()
            for name, kind in source.dtypes.items()
            if isinstance(kind, pd.CategoricalDtype) and kind.ordered
        }
        return Source(ibis.memtable(source), _duckdb(settings), described, own=True, categories=categories)
    if type(source).__module__.startswith("pyspark."):
        if not hasattr(source, "createOrReplaceTempView"):  # a session: the table is named
            return _of_connection(ibis.pyspark.connect(source), table, {"kind": "spark"})
        connection = ibis.pyspark.connect(source.sparkSession)
        name = f"hyte_rows_{id(source)}"
        source.createOrReplaceTempView(name)
        return Source(connection.table(name), connection, {"kind": "spark", "engine": "pyspark"})
    if isinstance(source, ibis.BaseBackend):
        return _of_connection(source, table, {"kind": "connection"})
    if not isinstance(source, (str, Path)):
        raise SourceError(
            f"A source is a path, a glob, a URL, an Ibis table or connection, a Spark session or frame; not "
            f"{type(source).__name__}."
        )
    if isinstance(engine, ibis.BaseBackend) or "://" in str(engine):
        own = not isinstance(engine, ibis.BaseBackend)
        described = {"kind": "database", "url": _without_secrets(engine)}
        return _of_connection(_connected(str(engine)) if own else engine, table or str(source), described, own=own)
    one_of(engine, ["duckdb", "spark"], "engine (besides a URL or an Ibis connection)", SourceError)
    if "://" in str(source):
        described = {"kind": "database", "url": _without_secrets(source)}
        return _of_connection(_connected(str(source)), table, described, own=True)
    if Path(source).suffix.lower() in DATABASES:
        if not Path(source).is_file():
            raise SourceError(f"There is no file {source}. Check the name and the folder.")
        held = ibis.duckdb.connect(str(source), read_only=True, **settings)
        described = {"kind": "file", **_fingerprint([Path(source)], Path(source).parent)}
        return _of_connection(held, table, described, own=True)
    return _of_files(str(source), engine, settings)


def _duckdb(settings: dict[str, Any]) -> Any:
    return ibis.duckdb.connect(**settings)


def _connected(url: str) -> Any:
    try:
        return ibis.connect(url)
    except Exception as error:
        raise SourceError(f"{_without_secrets(url)} cannot be opened ({_first_line(error)}).") from error


def _of_connection(connection: Any, table: str | None, described: dict[str, Any], *, own: bool = False) -> Source:
    if connection.name == "duckdb":  # asked plainly: list_tables of Ibis 12 does not know DuckDB 2
        rows = connection.raw_sql("SELECT table_name FROM information_schema.tables ORDER BY 1").fetchall()
        names = [name for (name,) in rows]
    else:
        names = sorted(connection.list_tables())
    if table is None:
        if len(names) != 1:
            raise SourceError(f"Name the table with table=; there are {', '.join(names[:20]) or 'none'}.")
        table = names[0]
    one_of(table, names, "table", SourceError)
    described = {**described, "engine": connection.name, "table": table}
    return Source(connection.table(table), connection, described, own=own and connection.name != "pyspark")


def _of_files(source: str, engine: str, settings: dict[str, Any]) -> Source:
    parts, base = _files(source)
    suffix = parts[0].suffix.lower()
    described = {"kind": "files", "engine": "duckdb" if engine == "duckdb" else "pyspark", **_fingerprint(parts, base)}
    if suffix in (*workbooks.SUFFIXES, *statistical.PROGRAMS):
        return _of_rows(parts[0], engine, settings, described)
    texts, separator = suffix in delimited.SUFFIXES, None
    if texts:  # what no engine reads as it is, is made plain first
        parts, base, separator = _plain(parts, base, Path(settings["temp_directory"]))
        suffix = parts[0].suffix.lower()
    hive = any("=" in folder for part in parts for folder in part.relative_to(base).parts[:-1])
    if suffix == ".parquet":
        _check_indexes(parts)
    names = [str(part) for part in parts]
    if engine == "duckdb":
        connection = _duckdb(settings)
        if suffix == ".parquet":
            table = connection.read_parquet(names, hive_partitioning=hive, hive_types_autocast=False)
        else:  # text, so that codes keep their zeros; numbers are cast where numbers are needed
            table = connection.read_csv(
                names, header=True, delim=separator, quote='"', escape='"', all_varchar=True, hive_partitioning=hive
            )
    else:
        table, connection = _on_spark(names, base, suffix, separator or ",")
    return Source(table, connection, described, tuple(parts), csv=texts, own=engine == "duckdb", separator=separator)


def _plain(parts: list[Path], base: Path, folder: Path) -> tuple[list[Path], Path, str]:
    """Text files that an engine reads alike: as they are where all are plain, else their texts as Parquet."""
    seen = [delimited.look(part) for part in parts]
    separators = {one.dialect.separator for one in seen}
    separator = seen[0].dialect.separator
    if len(separators) == 1 and all(one.dialect.plain for one in seen):
        return parts, base, separator
    made = []
    for part, text in zip(parts, seen, strict=True):
        to = (folder / "texts" / part.relative_to(base)).with_suffix(".parquet")
        to.parent.mkdir(parents=True, exist_ok=True)
        text.to_parquet(to)
        made.append(to)
    return made, folder / "texts", separator


def _of_rows(path: Path, engine: str, settings: dict[str, Any], described: dict[str, Any]) -> Source:
    """Person rows of a workbook, as texts, or of a statistical program's file, as coded there with the labels."""
    if engine != "duckdb":
        raise SourceError(f"{path.name} is read with engine='duckdb'; save it as Parquet for another.")
    if path.suffix.lower() in workbooks.SUFFIXES:
        frame, _ = cleaned_frame(workbooks.read(path).frame)
        if not frame.columns.is_unique:
            twice = sorted(set(frame.columns[frame.columns.duplicated()]))
            raise TidyError(f"{path.name}: the column {', '.join(twice)} stands twice. Name each once.")
        rows = pd.DataFrame({name: _of_cells(frame[name]) for name in frame.columns})
        return Source(ibis.memtable(rows), _duckdb(settings), described, (), csv=True, own=True)
    found = statistical.read(path)
    found = replace(found, rows=cleaned_frame(found.rows)[0])
    labels = {name: known for name, known in found.labels.items() if statistical.whole(found.rows[name], known)}
    return Source(
        ibis.memtable(found.rows), _duckdb(settings), described, (), own=True, labels=labels, ordered=found.ordered
    )


def _of_cells(column: "pd.Series[Any]") -> "pd.Series[Any]":
    """A workbook's column: numbers where its cells hold nothing else, so that none is guessed at, else texts."""
    known = column.dropna()
    if len(known) and known.map(lambda cell: type(cell) in (int, float)).all():
        return pd.to_numeric(column).astype("float64")
    return column.map(lambda cell: None if layout.blank(cell) else _written(cell)).astype("str")


def _written(cell: Any) -> str:
    """A workbook's cell as text: a whole number without a point, per cent with its sign."""
    if isinstance(cell, float):
        text = str(int(cell)) if cell.is_integer() else repr(float(cell))
        if re.fullmatch(r"-?\d+\.\d{3}", text):
            text += "0"  # a number's own point, which parts decimals
        return f"{text} %" if isinstance(cell, workbooks.Percent) else text
    return str(cell)


def _on_spark(names: list[str], base: Path, suffix: str, separator: str) -> tuple[Any, Any]:
    try:
        from pyspark.sql import SparkSession
    except ImportError:
        raise SourceError("engine='spark' needs PySpark: install hyteanalysis[spark], and Java 17 or newer.") from None
    try:
        session = SparkSession.builder.getOrCreate()
    except Exception as error:
        raise SourceError(f"Spark did not start ({_first_line(error)}). It needs Java 17 or newer.") from error
    inference = "spark.sql.sources.partitionColumnTypeInference.enabled"
    before = session.conf.get(inference) or "true"
    session.conf.set(inference, "false")  # a partition's code keeps its zeros
    try:
        reader = session.read.option("basePath", str(base.resolve()))
        names = [str(Path(name).resolve()) for name in names]
        if suffix == ".parquet":
            frame = reader.parquet(*names)
        else:
            frame = reader.option("header", True).option("sep", separator).csv(names)
    finally:
        session.conf.set(inference, before)
    view = f"hyte_rows_{id(frame)}"
    frame.createOrReplaceTempView(view)
    connection = ibis.pyspark.connect(session)
    return connection.table(view), connection


def _without_secrets(url: Any) -> str:
    if isinstance(url, ibis.BaseBackend):
        return str(url.name)
    found = urlsplit(str(url))
    return f"{found.scheme}://{found.hostname or ''}{found.path}"


def _told(error: Exception, source: Source | None) -> HyteError:
    """An engine's error as one a user can act on."""
    text = str(error).lower()
    if isinstance(error, (duckdb.OutOfMemoryException, MemoryError)) and not any(word in text for word in _FULL):
        return SourceError(
            f"The engine ran out of memory ({_first_line(error)}). Raise memory_limit=, cross fewer columns, or lower "
            "threads=. Nothing was written."
        )
    if any(word in text for word in _FULL):
        return SourceError(
            f"The disk is full ({_first_line(error)}). Free some space for temporary _files. Nothing was written."
        )
    if source is not None and (broken := _broken_part(source.parts)):
        return SourceError(f"{broken.name} is a corrupt Parquet part ({_first_line(error)}). Make the part again.")
    return SourceError(f"The engine refused: {_first_line(error)}.")


def _forget(source: Source | None) -> None:
    """Drop what was kept on the engine, and close what was opened here (a Spark session is its user's)."""
    if source is None:
        return
    if source.own:
        source.connection.disconnect()
        return
    for name in source.kept:
        source.connection.raw_sql(f"DROP TABLE {name}")


def _files(source: str) -> tuple[list[Path], Path]:
    """Files of a path, folder or glob in a fixed order, all of one kind, and the folder above their partitions."""
    path = Path(source)
    if path.is_dir():
        found, base = [part for part in path.rglob("*") if part.suffix.lower() in FILES], path
        found = [
            part for part in found if not any(name.startswith((".", "_")) for name in part.relative_to(path).parts)
        ]
    elif any(sign in source for sign in "*?["):
        found = [Path(name) for name in glob.glob(source, recursive=True) if Path(name).suffix.lower() in FILES]
        fixed = list(path.parts[:-1])
        stop = next((i for i, name in enumerate(fixed) if any(sign in name for sign in "*?[=")), len(fixed))
        base = Path(*fixed[:stop]) if stop else Path()
    else:
        found, base = ([path], path.parent) if path.is_file() else ([], path)
        if found and path.suffix.lower() not in (*FILES, *SINGLE):
            raise SourceError(f"{path.name}: microdata are read from {', '.join((*FILES, *SINGLE, *DATABASES))}.")
    if not found:
        raise SourceError(f"There is no Parquet or CSV file at {source}. Check the name and the folder.")
    kinds = sorted({part.suffix.lower() for part in found})
    if len(kinds) > 1:
        raise SourceError(f"{source} holds {' and '.join(kinds)} _files. Name one kind, such as {source}/*{kinds[0]}.")
    return sorted(found), base


def _check_indexes(parts: Sequence[Path]) -> None:
    """Read every part's index before any row: a broken part, or one with other columns, is named."""
    first: pa.Schema | None = None
    for part in parts:
        try:
            schema = pq.read_schema(part)
        except (pa.ArrowException, OSError) as error:
            raise SourceError(
                f"{part.name} is not a readable Parquet file ({_first_line(error)}). Make the part again."
            ) from error
        first = first or schema
        if other := set(first.names) ^ set(schema.names):
            raise SourceError(f"{part.name} and {parts[0].name} differ in columns: {', '.join(sorted(other))}.")


def _fingerprint(parts: Sequence[Path], base: Path) -> dict[str, Any]:
    """SHA-256 over every file's name, size and both ends: cheap at any size, and new when a file is written anew."""
    digest, size = hashlib.sha256(), 0
    for part in parts:
        length = part.stat().st_size
        size += length
        digest.update(f"{part.relative_to(base).as_posix()}\0{length}\0".encode())
        with part.open("rb") as content:
            digest.update(content.read(_ENDS))
            content.seek(max(length - _ENDS, 0))
            digest.update(content.read(_ENDS))
    return {"files": len(parts), "bytes": size, "sha256": digest.hexdigest()}


def _broken_part(parts: Sequence[Path]) -> Path | None:
    """The first part that cannot be read to its end; looked for only after a scan has failed."""
    for part in parts:
        if part.suffix.lower() == ".parquet":
            try:
                with pq.ParquetFile(part) as content:
                    for _ in content.iter_batches():
                        pass
            except (pa.ArrowException, OSError):
                return part
    return None


def _first_line(error: Exception) -> str:
    """What an engine says, without its stack and advice."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")[:300]
