"""Several files are written all or none, whatever stops the writing; what stood there keeps its rights."""

from pathlib import Path

import pytest

from hyteanalysis.writing import put, put_folder


def there(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


OLD = {"a.csv": b"old a", "a.csv.note": b"old note", "a.csv.more": b"old more"}
NEW = {"a.csv": b"new a", "a.csv.note": b"new note"}


@pytest.fixture
def old(tmp_path):
    put({tmp_path / name: content for name, content in OLD.items()})
    return tmp_path


def write(folder):
    return put({folder / name: content for name, content in NEW.items()}, gone=[folder / "a.csv.more"])


def test_new_files_come_and_those_of_the_run_before_go(old):
    assert write(old) == [old / "a.csv", old / "a.csv.note"]
    assert there(old) == NEW
    assert not list(old.glob(".*"))


@pytest.mark.parametrize("step", range(1, 6))
def test_a_failure_at_any_move_puts_everything_back(old, monkeypatch, step):
    move, moves = Path.replace, []

    def fails(path, target):
        moves.append(there(old))
        if len(moves) == step:
            raise OSError(28, "No space left on device")
        return move(path, target)

    monkeypatch.setattr(Path, "replace", fails)
    with pytest.raises(OSError, match="No space left"):
        write(old)
    assert there(old) == OLD
    assert not list(old.glob(".*"))
    assert [state for state in moves if "a.csv" in state and state not in (OLD, NEW)] == []


def test_what_cannot_be_made_changes_nothing(old):
    def fails(to):
        to.write_bytes(b"half")
        raise ValueError("no such sheet")

    with pytest.raises(ValueError, match="no such sheet"):
        put({old / "a.csv": b"new", old / "a.csv.note": fails})
    with pytest.raises(ValueError, match="no such sheet"):
        put({old / "a.csv": fails})
    assert there(old) == OLD
    assert not list(old.glob(".*"))


def test_one_file_takes_its_name_in_one_step_and_keeps_its_rights(tmp_path):
    path = tmp_path / "plan.yml"
    put({path: b"one"})
    assert path.stat().st_mode & 0o777 == 0o644
    path.chmod(0o600)
    put({path: lambda to: to.write_bytes(b"two")})
    assert (path.read_bytes(), path.stat().st_mode & 0o777) == (b"two", 0o600)
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_is_replaced_as_a_whole(tmp_path):
    place = tmp_path / "folder"
    put_folder(place, lambda fresh: (fresh / "old").write_bytes(b"1"))
    put_folder(place, lambda fresh: (fresh / "new").write_bytes(b"2"))
    assert there(place) == {"new": b"2"}
    with pytest.raises(ZeroDivisionError):
        put_folder(place, lambda fresh: (fresh / "half").write_bytes(b"3") and 1 / 0)
    assert there(place) == {"new": b"2"}
    assert list(tmp_path.iterdir()) == [place]
