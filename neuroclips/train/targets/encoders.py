"""Keys that change with weights, so that what was made with others is never used."""

from __future__ import annotations

import hashlib
from pathlib import Path

from neuroclips.zoo import Part


def weights_key(part: Part) -> str:
    """Of a part of a zoo: its kind, and the weights in its folder, or its name and revision on the hub."""
    if part.is_local:
        return _hashed(part.kind.encode(), folder_key(part.folder).encode())
    return _hashed(repr((part.kind, part.source, part.subfolder, part.revision)).encode())


def folder_key(folder: str | Path) -> str:
    """Of all weights below a folder."""
    return _hashed(*(path.read_bytes() for path in sorted(Path(folder).rglob("*.safetensors"))))


def _hashed(*parts: bytes) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part)
    return digest.hexdigest()[:12]
