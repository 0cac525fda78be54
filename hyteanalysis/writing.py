"""Files and folders put in their place whole or not at all, whenever the writing stops."""

import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

Content = bytes | Callable[[Path], object]  # what a file holds, or who writes it to the path given


def put(files: Mapping[Path, Content], *, gone: Iterable[Path] = ()) -> list[Path]:
    """Write files of one folder, all of them or none, and return them.

    Everything is written beside and to the disk first, in the order given. One file then takes its name in one step.
    Of several, the first is the one that readers look for: the old ones leave, it ahead of the others, and the new
    ones come, it last. A process that dies on the way leaves no first file rather than one beside files of another
    run, and the old ones in the hidden folder ``.NAME.….tmp``. Any other failure puts the old files back.

    Parameters
    ----------
    files : mapping
        Path → bytes, or a function that writes to the path it is given (in another folder, under the same name).
    gone : iterable of Path
        Files of an earlier run that go away where they are not written anew.

    Raises
    ------
    OSError
        The folder cannot be written to, or is full; nothing is changed. The rights of an older file are kept.
    """
    first, *others = files
    with _beside(first) as fresh:
        made = {path: fresh / path.name for path in files}
        for path, content in files.items():
            _write(content, made[path])
            os.chmod(made[path], path.stat().st_mode & 0o777 if path.exists() else 0o644)
            _to_disk(made[path])
        if not others and not (gone := list(gone)):
            os.replace(made[first], first)
        else:
            before = fresh / "before"
            before.mkdir()
            leaving = [path for path in dict.fromkeys([first, *others, *gone]) if path.exists()]
            _move(
                [*((path, before / path.name) for path in leaving), *((made[path], path) for path in [*others, first])]
            )
            shutil.rmtree(before)
        _to_disk(first.parent)
    return list(files)


def put_folder(path: Path, fill: Callable[[Path], object]) -> None:
    """Write a folder that is wholly ours, or replace it: ``fill`` writes into the fresh folder it is given.

    The new folder is whole, and on the disk, before the old one leaves. A process that dies between the two leaves the
    new one under a hidden name, by which :func:`settled` finds it.

    Raises
    ------
    OSError
        The folder above cannot be written to, or is full; nothing is changed.
    """
    settled(path)
    with _beside(path) as fresh:
        fill(fresh)
        for file in fresh.iterdir():
            if file.is_file():
                _to_disk(file)
        os.chmod(fresh, 0o755)
        _to_disk(fresh)
        if not path.exists():
            os.rename(fresh, path)
        else:
            ready, old = _ready(path), fresh.with_suffix(".old")
            shutil.rmtree(ready, ignore_errors=True)  # left by a killed process; what stands there is whole
            os.rename(fresh, ready)
            try:
                os.rename(path, old)
            finally:
                settled(path)
                shutil.rmtree(ready, ignore_errors=True)  # still there only if the old folder could not leave
                shutil.rmtree(old, ignore_errors=True)
        _to_disk(path.parent)


def settled(path: Path) -> bool:
    """Whether a folder stands there, once one is given its name that was ready when its writer was killed."""
    if not path.exists():
        with suppress(FileNotFoundError):  # none, or somebody else was quicker
            os.rename(_ready(path), path)
    return path.exists()


def _ready(path: Path) -> Path:
    return path.with_name(f".{path.name}.ready")


@contextmanager
def _beside(path: Path) -> Iterator[Path]:
    """A fresh hidden folder on the same disk, which goes away unless it holds the only copy of something."""
    fresh = Path(tempfile.mkdtemp(prefix=f".{path.name}.", suffix=".tmp", dir=path.parent))
    before = fresh / "before"
    try:
        yield fresh
    finally:
        if not before.exists() or not any(before.iterdir()):
            shutil.rmtree(fresh, ignore_errors=True)


def _write(content: Content, to: Path) -> None:
    if isinstance(content, bytes):
        to.write_bytes(content)
    else:
        content(to)


def _move(moves: list[tuple[Path, Path]]) -> None:
    """All moves, or none of them."""
    try:
        for source, target in moves:
            source.replace(target)
    except BaseException:
        for source, target in reversed(moves):
            if target.exists() and not source.exists():
                target.replace(source)
        raise


def _to_disk(place: Path) -> None:
    """Wait until a file, or a folder's list of files, is on the disk (folders cannot be opened on Windows)."""
    if place.is_dir() and sys.platform == "win32":
        return
    handle = os.open(place, os.O_RDONLY if place.is_dir() else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
