"""A release as a folder: written whole, sealed by hashes, approved and signed; read only if nothing changed."""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from hyteanalysis.errors import SHOWN, DisclosureError
from hyteanalysis.writing import put, put_folder, settled

_PUBLIC = re.compile(r"-----BEGIN PUBLIC KEY-----.*?-----END PUBLIC KEY-----", re.DOTALL)
_NEEDED = "signatures need the package cryptography: pip install 'hyteanalysis[sign]'"


def _signed(approval: Mapping[str, Any], key: str | Path) -> dict[str, str]:
    """``public_key`` and ``signature`` (hexadecimal) of an approval by a private key in a PEM file.

    Raises DisclosureError for a file that holds no Ed25519 key, and where ``cryptography`` is not installed.
    """
    try:
        from cryptography.hazmat.primitives import serialization
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    except ImportError as error:
        raise DisclosureError(_NEEDED) from error
    try:
        private = serialization.load_pem_private_key(Path(key).read_bytes(), password=None)
    except (OSError, ValueError, TypeError) as error:
        raise DisclosureError(f"{key} is no private key in PEM without a password: {error}") from error
    if not isinstance(private, Ed25519PrivateKey):
        raise DisclosureError(f"{key} is no Ed25519 key: make one with openssl genpkey -algorithm ed25519 -out {key}")
    public = private.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw).hex()
    return {"public_key": public, "signature": private.sign(_message({**approval, "public_key": public})).hex()}


def _check(approval: Mapping[str, Any]) -> None:
    """Refuse an approval whose signature does not fit what it says."""
    try:
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    except ImportError as error:
        raise DisclosureError(f"the approval is signed, and {_NEEDED}") from error
    try:
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(str(approval["public_key"])))
        key.verify(bytes.fromhex(str(approval["signature"])), _message(approval))
    except (InvalidSignature, ValueError, KeyError) as error:
        raise DisclosureError(
            f"the signature of the approval by {approval.get('name')} does not fit: the approval was altered. Approve "
            "the release again."
        ) from error


def approvers(path: str | Path) -> frozenset[str]:
    """Public Ed25519 keys (hexadecimal) of those whose signature counts, from a file of PEM blocks, one after another.

    Answers: *whose approval does this server believe?* ``openssl pkey -in officer.pem -pubout >> approvers.pem`` adds
    one.
    Raises DisclosureError for a file that cannot be read or holds no such key.
    """
    try:
        from cryptography.hazmat.primitives import serialization
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    except ImportError as error:
        raise DisclosureError(_NEEDED) from error
    how = "openssl pkey -in officer.pem -pubout >> approvers.pem adds one"
    try:
        text = Path(path).read_text(encoding="ascii")
        keys = [serialization.load_pem_public_key(block.encode()) for block in _PUBLIC.findall(text)]
    except (OSError, ValueError) as error:
        raise DisclosureError(f"{path} is no list of public keys: {error}; {how}") from error
    mine = [key for key in keys if isinstance(key, Ed25519PublicKey)]
    if not mine or len(mine) < len(keys):
        raise DisclosureError(
            f"{path} holds {len(mine)} public Ed25519 keys and {len(keys) - len(mine)} of other kinds; {how}"
        )
    form = serialization.Encoding.Raw, serialization.PublicFormat.Raw
    return frozenset(key.public_bytes(*form).hex() for key in mine)


def _message(approval: Mapping[str, Any]) -> bytes:
    """What is signed: all that the approval says."""
    said = {key: value for key, value in approval.items() if key != "signature"}
    return json.dumps(said, sort_keys=True, ensure_ascii=False).encode()


SCHEMA_VERSION = 1
_MANIFEST = "manifest.json"
_APPROVAL = "approval.json"
FRAMES = ("cells", "indicators", "groups", "areas")
_OPTIONAL = ("covariance",)  # frames that only some releases have
_ROW_GROUP = 16_384  # rows at most: one indicator of 309 municipalities is found without reading the others
_SMALL = 2_048  # rows that a row group has at least before a new dimension begins another
_UNSEALED = ("seal", "approval")


def seal(manifest: Mapping[str, Any]) -> str:
    """SHA-256 over everything the manifest says, except the approval, which is given later."""
    kept = {key: value for key, value in manifest.items() if key not in _UNSEALED}
    return hashlib.sha256(json.dumps(kept, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def content_hash(frame: pd.DataFrame) -> str:
    """SHA-256 over the values of a frame, the same on every machine."""
    digest = hashlib.sha256("|".join(map(str, frame.columns)).encode())
    digest.update(pd.util.hash_pandas_object(frame, index=False).to_numpy().astype("<u8").tobytes())
    return digest.hexdigest()


def save(frames: Mapping[str, pd.DataFrame], manifest: Mapping[str, Any], path: str | Path) -> dict[str, Any]:
    """Write a release folder, whole or not at all (:func:`hyteanalysis.writing.put_folder`).

    Returns the manifest as written. Raises DisclosureError where ``path`` holds something that is not a release.
    """
    path = Path(path).absolute()
    if settled(path) and not _is_release(path):
        raise DisclosureError(f"{path} exists and is not a release folder; name another place")
    path.parent.mkdir(parents=True, exist_ok=True)
    written = dict(manifest)

    def fill(fresh: Path) -> None:
        names = [*FRAMES, *(name for name in _OPTIONAL if name in frames)]
        for name in names:
            _write_frame(frames[name], fresh / f"{name}.parquet")
        written["files"] = {f"{name}.parquet": file_hash(fresh / f"{name}.parquet") for name in names}
        written["seal"] = seal(written)
        (fresh / _MANIFEST).write_bytes(_json(written))

    put_folder(path, fill)
    return written


def read_manifest(path: str | Path, *, verify: bool = True) -> dict[str, Any]:
    """The manifest of a release folder, after every file was found whole; each fault has its own message.

    Raises DisclosureError for a folder that is not there, lacks a file, was made by another version, did not pass its
    audit, or was altered after it was made.
    """
    path = Path(path).absolute()
    if not settled(path) or not path.is_dir():
        raise DisclosureError(f"there is no release folder {path}")
    file = path / _MANIFEST
    if not file.is_file():
        raise DisclosureError(f"{file} is missing: the release is half-written or not a release. Make it again.")
    try:
        manifest = json.loads(file.read_text(encoding="utf-8"))
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise DisclosureError(
            f"{file} is torn or altered: it is not JSON ({error}). Make the release again."
        ) from error
    if not isinstance(manifest, dict):
        raise DisclosureError(f"{file} is torn or altered: it is not a manifest. Make the release again.")
    version = manifest.get("schema_version")
    if version != SCHEMA_VERSION:
        raise DisclosureError(
            f"{file} has schema version {version!r}; this program reads version {SCHEMA_VERSION}. "
            "Open it with the program that made it, or make the release again."
        )
    lacking = [key for key in ("id", "policy", "files", "audit", "created", "seal") if key not in manifest]
    if lacking:
        raise DisclosureError(f"{file} is torn or altered: it lacks {', '.join(lacking)}. Make the release again.")
    if not (isinstance(manifest["audit"], dict) and manifest["audit"].get("safe") is True):
        raise DisclosureError(f"{file} says that the audit failed: the release may not be used. Make it again.")
    if verify:
        _check_files(path, manifest["files"])
        more = [frame for frame in _OPTIONAL if f"{frame}.parquet" in manifest["files"]]
        for name in (f"{frame}.parquet" for frame in (*FRAMES, *more)):
            if name not in manifest["files"]:
                raise DisclosureError(f"{file} is torn or altered: it does not name {name}. Make the release again.")
            if not (path / name).is_file():
                raise DisclosureError(f"{path / name} is missing: the release is half-written. Make it again.")
            if file_hash(path / name) != manifest["files"][name]:
                raise DisclosureError(
                    f"{path / name} was altered after the release was made (its SHA-256 differs from the manifest's). "
                    "Make the release again."
                )
        if seal(manifest) != manifest["seal"]:
            raise DisclosureError(f"{file} was altered after the release was made. Make the release again.")
    return manifest


def approve(path: str | Path, name: str, *, key: str | Path | None = None) -> dict[str, Any]:
    """Write who approved a release, when, and of what content (hash) into a file of its own; returns the approval.

    Answers: *who looked at these very numbers and said that they may be shown?* The release is not touched. Earlier
    approvals stay in the file as a log.

    Parameters
    ----------
    path : str or Path
        A release folder that opens.
    name : str
        Who approves: somebody else than who made it, where the manifest says who that was.
    key : str or Path, optional
        The approver's own private Ed25519 key (PEM); needs the package ``cryptography``. The approval is signed.

    Raises
    ------
    DisclosureError
        An empty name; the maker's own; a folder that does not open; a key that is none.
    """
    if not isinstance(name, str) or not name.strip():
        raise DisclosureError(f"an approval needs the name of the person who approves; not {name!r}")
    manifest = read_manifest(path)
    if str(manifest.get("maker") or "").strip().casefold() == name.strip().casefold():
        raise DisclosureError(
            f"{name.strip()} made this release and cannot approve it: another person has to look at it"
        )
    approval: dict[str, Any] = {"name": name.strip(), "when": now(), "hash": manifest["seal"]}
    if key is not None:
        approval |= _signed(approval, key)
    folder = Path(path).absolute()
    put({folder / _APPROVAL: _json({"approvals": [*_approvals(folder), approval]})})
    return approval


def read_approval(
    path: str | Path, manifest: Mapping[str, Any], *, keys: frozenset[str] | None = None
) -> dict[str, Any] | None:
    """The newest approval of this very content, where ``keys`` are given signed by one of them; None where none is.

    Raises DisclosureError for a signature that does not fit or lacks beside a key, and for a file that is no log of
    approvals.
    """
    for approval in reversed(_approvals(Path(path))):
        if not approval.get("name") or approval.get("hash") != manifest.get("seal"):
            continue
        if keys is not None and approval.get("public_key") not in keys:
            continue
        if "signature" in approval or "public_key" in approval:  # a key alone proves nothing: anybody can copy it
            _check(approval)
        return dict(approval)
    return None


def _approvals(folder: Path) -> list[dict[str, Any]]:
    file = folder / _APPROVAL
    if not file.is_file():
        return []
    try:
        found = json.loads(file.read_text(encoding="utf-8"))["approvals"]
        return [dict(one) for one in found]
    except (UnicodeDecodeError, ValueError, KeyError, TypeError) as error:
        raise DisclosureError(
            f"{file} is torn or altered: it is no log of approvals. Approve the release again."
        ) from error


def _check_files(path: Path, listed: Iterable[str]) -> None:
    """Refuse files that are no part of a release: they would travel with it unchecked."""
    known = {_MANIFEST, _APPROVAL, *(f"{name}.parquet" for name in FRAMES), *listed}
    unknown = sorted(file.name for file in path.iterdir() if file.name not in known)
    if unknown:
        raise DisclosureError(
            f"{path} holds {', '.join(unknown[:SHOWN])}, which is no part of the release and was not checked. Move "
            "it away."
        )


def read_frame(
    path: Path, name: str, digest: str, filters: list[tuple[str, str, list[str]]] | None = None
) -> pd.DataFrame:
    """A frame of a release folder, read from the very bytes that the manifest's hash (``digest``) is of.

    With ``filters`` only the row groups that can hold such rows are decoded. Raises DisclosureError where the folder
    was replaced or altered since the release was opened.
    """
    file = path / f"{name}.parquet"
    try:
        content = file.read_bytes()
    except OSError as error:
        raise DisclosureError(f"{file} is gone since the release was opened: open it again.") from error
    if hashlib.sha256(content).hexdigest() != digest:
        raise DisclosureError(f"{file} was replaced or altered since the release was opened: open it again.")
    return pq.read_table(pa.BufferReader(content), filters=filters).to_pandas()


def file_hash(file: Path) -> str:
    """SHA-256 of a file."""
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def now() -> str:
    """The present moment in UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def _write_frame(frame: pd.DataFrame, file: Path) -> None:
    """Parquet: decimal numbers byte by byte, all else by dictionary, which together need two thirds of the room.

    pandas' notes stay in the file: by them it reads whole numbers and truth values that may be missing as such. Other
    readers pass them over.
    """
    table = pa.Table.from_pandas(frame, preserve_index=False)
    decimal = [one.name for one in table.schema if pa.types.is_floating(one.type)]
    others = [one.name for one in table.schema if one.name not in decimal]
    with pq.ParquetWriter(
        file, table.schema, compression="zstd", use_dictionary=others, use_byte_stream_split=decimal
    ) as out:
        for start, end in pairwise(_row_groups(frame)):
            out.write_table(table.slice(start, end - start), row_group_size=_ROW_GROUP)


def _row_groups(frame: pd.DataFrame) -> list[int]:
    """Where row groups begin, and the end: a page of one dimension need not read the others."""
    ends = [0]
    if {"indicator", "dimension"} <= set(frame.columns):
        rows = frame[["indicator", "dimension"]]
        changed = (rows != rows.shift()).any(axis=1).to_numpy()
        for place in np.flatnonzero(changed).tolist():
            if place - ends[-1] >= _SMALL:
                ends.append(place)
    return [*ends, len(frame)]


def _json(values: Mapping[str, Any]) -> bytes:
    return (json.dumps(values, indent=2, ensure_ascii=False) + "\n").encode()


def _is_release(path: Path) -> bool:
    """A release, whole or torn, may be replaced; anything else is somebody's own folder."""
    known = {_MANIFEST, _APPROVAL, *(f"{name}.parquet" for name in (*FRAMES, *_OPTIONAL))}
    return path.is_dir() and {file.name for file in path.iterdir() if not file.name.startswith(".")} <= known
