"""Files that belong together: who finds the first finds what was written with it, whenever the writing stops."""

import shutil
import tempfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from hyteanalysis.errors import SourceError


def write_together(out: Path, beside: Sequence[str], write: Callable[[Path], Iterable[Path]]) -> list[Path]:
    """Write ``out`` and the files beside it, all of them or none.

    Everything is written into a fresh folder first. Then the old files leave, ``out`` first, and the new ones come,
    ``out`` last: a process that dies on the way leaves no ``out`` rather than one beside the files of another run. A
    failure on the way puts the old files back.

    Parameters
    ----------
    out : Path
        The file that a reader looks for.
    beside : sequence of str
        Names of all files that belong to it; one of an earlier run that is not written anew goes away.
    write : function of a folder
        Writes there, under their last names, and returns the files.

    Returns
    -------
    list of Path
        The files in place, ``out`` last.

    Raises
    ------
    SourceError
        A folder that cannot be written, or is full; nothing is changed.
    """
    try:
        fresh = Path(tempfile.mkdtemp(prefix=f".{out.stem}.", suffix=".tmp", dir=out.parent))
    except OSError as error:
        raise SourceError(f"{out.parent} cannot be written ({_reason(error)}). Nothing was changed.") from error
    before = fresh / "before"
    try:
        before.mkdir()
        made = {file.name: file for file in write(fresh)}
        leaving = [name for name in (out.name, *beside) if (out.parent / name).exists()]
        coming = [name for name in (*beside, out.name) if name in made]
        moves = [(out.parent / name, before / name) for name in leaving]
        moves += [(made[name], out.parent / name) for name in coming]
        try:
            for source, target in moves:
                source.replace(target)
        except BaseException:
            for source, target in reversed(moves):
                if target.exists() and not source.exists():
                    target.replace(source)
            raise
        shutil.rmtree(before)
    except OSError as error:
        raise SourceError(f"{out} cannot be written ({_reason(error)}). Nothing was changed.") from error
    finally:
        if not before.exists() or not any(before.iterdir()):  # else the only copy of what could not be put back
            shutil.rmtree(fresh, ignore_errors=True)
    return [out.parent / name for name in coming]


def _reason(error: OSError) -> str:
    return error.strerror or str(error)
