"""Answers kept on disk: each is whole or not there, and knows when it was fetched."""

import hashlib
import json
import os
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from hyteanalysis.errors import SourceError

DAY = 86_400.0
ABSENT = "absent"  # media of a kept "not found"
_LEFT_OVER = 3_600.0  # an unfinished file this many seconds old belongs to nobody


@dataclass(frozen=True)
class Answer:
    """The body of an answer as a file, with what is needed to read it and to ask again whether it changed."""

    file: Path
    media: str
    fetched: float
    etag: str = ""
    modified: str = ""
    stale: bool = False

    @property
    def days(self) -> float:
        """Age in days."""
        return max(0.0, (time.time() - self.fetched) / DAY)

    def text(self) -> str:
        """The body as text in the encoding it declares, else UTF-8; ValueError where it is not."""
        parts = [part.strip() for part in self.media.split(";")[1:]]
        declared = [part.split("=", 1)[1].strip("\"' ") for part in parts if part.lower().startswith("charset=")]
        encoding = (declared or ["utf-8"])[0]
        try:
            return self.file.read_bytes().decode("utf-8-sig" if encoding.lower() in ("utf-8", "utf8") else encoding)
        except LookupError:
            raise ValueError(f"an encoding nobody knows ({encoding})") from None

    def json(self) -> Any:
        """The body as JSON; ValueError where it is not."""
        return json.loads(self.text())

    def items(self, *needed: str) -> list[dict[str, Any]]:
        """The body as a JSON list of objects that each have the ``needed`` fields; SourceError where they have not."""
        listed = self.json()
        if not isinstance(listed, list) or not all(isinstance(one, dict) and set(needed) <= set(one) for one in listed):
            raise SourceError(f"got {self.told()}: no list of items with {', '.join(needed)}. Has the service changed?")
        return listed

    def told(self) -> str:
        """What came, for an error message."""
        with self.file.open("rb") as body:
            start = body.read(70).decode("utf-8", "replace")
        return f"{self.media or 'no type'}, {self.file.stat().st_size} bytes beginning {start!r}"


@dataclass(frozen=True)
class Shelf:
    """A folder of answers: a small JSON file a request names the file of its body, and is written last."""

    folder: Path

    def find(self, key: str) -> Answer | None:
        """The kept answer to a request, None where there is none or its body is not as it was written."""
        try:
            card = json.loads(self._card(key).read_text(encoding="utf-8"))
            file = self.folder / card.pop("name")
            if file.stat().st_size != card.pop("size"):
                return None
            return Answer(file=file, **card)
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def unfinished(self, key: str) -> Path:
        """Where the body of an answer may be written while it comes."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for left in self.folder.glob("*.part"):
            if time.time() - left.stat().st_mtime > _LEFT_OVER:
                left.unlink(missing_ok=True)
        return self.folder / f"{key}.{os.getpid()}.part"

    def keep(self, key: str, answer: Answer) -> Answer:
        """Put an answer on the shelf; the one it replaces is there until the new one is."""
        before = self.find(key)
        digest = hashlib.sha256()
        with answer.file.open("rb") as body:
            while block := body.read(1 << 20):
                digest.update(block)
        file = self.folder / f"{key}.{digest.hexdigest()[:16]}.body"
        answer.file.replace(file)
        card = {name: value for name, value in asdict(answer).items() if name not in ("file", "stale")}
        card |= {"name": file.name, "size": file.stat().st_size}
        writing = self.folder / f"{key}.{os.getpid()}.card.part"
        writing.write_text(json.dumps(card), encoding="utf-8")
        writing.replace(self._card(key))
        if before is not None and before.file != file:
            before.file.unlink(missing_ok=True)
        return Answer(file=file, media=answer.media, fetched=answer.fetched, etag=answer.etag, modified=answer.modified)

    def _card(self, key: str) -> Path:
        return self.folder / f"{key}.json"


def key_of(method: str, url: str, params: list[tuple[str, str]], body: Mapping[str, Any] | None) -> str:
    """One name for one request, whatever the order of its parameters' names."""
    told = json.dumps([method, url, sorted(params), body], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(told.encode()).hexdigest()[:32]
