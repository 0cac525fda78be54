"""Signatures of approvals: Ed25519, by the approver's own key, through the optional package ``cryptography``."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hyteanalysis.errors import DisclosureError

_NEEDED = "signatures need the package cryptography: pip install 'hyteanalysis[sign]'"


def signed(approval: Mapping[str, Any], key: str | Path) -> dict[str, str]:
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


def check(approval: Mapping[str, Any]) -> None:
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


def _message(approval: Mapping[str, Any]) -> bytes:
    """What is signed: all that the approval says."""
    said = {key: value for key, value in approval.items() if key != "signature"}
    return json.dumps(said, sort_keys=True, ensure_ascii=False).encode()
