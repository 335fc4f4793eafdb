"""The frozen encoders of a zoo, from a folder or from the hub, and keys that change with their weights."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import torch

from neuroclips.config import ENCODERS, Encoders
from neuroclips.errors import InputError, MissingError
from neuroclips.pretrained.clip import OpenClip
from neuroclips.pretrained.codec import LatentCodec


def encoders(zoo: str) -> Encoders:
    """The table entry of a zoo. Raises InputError with the known names."""
    if zoo not in ENCODERS:
        raise InputError(f"got zoo {zoo!r}, expected one of: {', '.join(ENCODERS)}")
    return ENCODERS[zoo]


def load_clip(zoo: str) -> OpenClip:
    """CLIP, on the accelerator where there is one."""
    source = encoders(zoo).clip
    return _fetched(lambda: OpenClip.from_pretrained(source), source).to(_device())


def load_codec(zoo: str) -> LatentCodec:
    """The latent codec, on the accelerator where there is one."""
    table = encoders(zoo)
    return _fetched(lambda: LatentCodec.from_pretrained(table.codec, table.codec_subfolder), table.codec).to(_device())


def _device() -> str:
    return "cuda" if torch.cuda.is_available() else "cpu"


def _fetched(load: Callable, source: str):
    """What `load` gives; what hub libraries raise when they cannot fetch becomes one line."""
    try:
        return load()
    except (OSError, RuntimeError, ValueError) as error:
        if Path(source).is_dir():
            raise
        reason = str(error).strip().splitlines()[0][:120]
        raise MissingError(
            f"could not fetch {source} from the hub ({type(error).__name__}: {reason}): check the connection, or train "
            "with --zoo demo"
        ) from error


def weights_key(source: str | Path) -> str:
    """Changes when the weights in a folder change, so that stale targets are never used; of a hub name, its hash."""
    digest = hashlib.sha256(b"" if Path(source).is_dir() else str(source).encode())
    for path in sorted(Path(source).rglob("*.safetensors")) if Path(source).is_dir() else []:
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]
