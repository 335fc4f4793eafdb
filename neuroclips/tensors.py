"""Read files of tensors, safetensors or what torch.save wrote: the same care as neuroclips/reading.py takes."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from safetensors.torch import load_file
from torch import Tensor

from neuroclips.reading import naming, plain_file, refuse_beyond_memory

SAFETENSORS, SAVED = "tensors (.safetensors)", "tensors, written by torch.save"


def read_safetensors(path: Path) -> dict[str, Tensor]:
    """Tensors by name, mapped from disk."""
    with naming(plain_file(path, SAFETENSORS), SAFETENSORS):
        return load_file(path)


def shapes_in(path: Path) -> dict[str, tuple[int, ...]]:
    """Shapes by name of what a safetensors file holds, of which the header alone is read."""
    with naming(plain_file(path, SAFETENSORS), SAFETENSORS), safe_open(path, "pt") as file:
        return {name: tuple(file.get_slice(name).get_shape()) for name in file.keys()}  # noqa: SIM118


def read_saved(path: Path, allowed: Sequence[Any] = ()) -> Any:
    """What torch.save wrote, on the CPU: containers of tensors and numbers, and the classes `allowed`; no code is run.

    Tensors are mapped from disk where they lie there as they are; compressed ones are read.
    """
    with naming(plain_file(path, SAVED), SAVED), torch.serialization.safe_globals(list(allowed)):
        return torch.load(path, map_location="cpu", weights_only=True, mmap=_lie_as_they_are(path))


def _lie_as_they_are(path: Path) -> bool:
    """Whether the file can be mapped. Raises TooLargeError when it must be unpacked and does not fit into memory."""
    if not zipfile.is_zipfile(path):  # the format before torch 1.6
        return False
    with zipfile.ZipFile(path) as archive:
        members = archive.infolist()
    if all(member.compress_type == zipfile.ZIP_STORED for member in members):
        return True
    refuse_beyond_memory(path, sum(member.file_size for member in members))
    return False
