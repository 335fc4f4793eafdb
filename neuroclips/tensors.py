"""Read files of tensors, safetensors or what torch.save wrote: the same care as neuroclips/reading.py takes."""

from __future__ import annotations

import pickle
import re
import sys
import warnings
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from safetensors.torch import load_file
from torch import Tensor

from neuroclips.errors import InputError
from neuroclips.reading import naming, plain_file, refuse_beyond_memory

SAFETENSORS, SAVED = "tensors (.safetensors)", "tensors, written by torch.save"
PART = 2**24  # values that are looked at together


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
    plain_file(path, SAVED)
    with naming(path, SAVED), torch.serialization.safe_globals(list(allowed)), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Validating sparse")  # who asked for the file tells what it may hold
        mapped = _lie_as_they_are(path)
        try:
            return torch.load(path, map_location="cpu", weights_only=True, mmap=mapped)
        except pickle.UnpicklingError as error:  # torch's own words advise to run what is in the file
            refused = re.search(r"GLOBAL (\S+) (?:was not|whose)", str(error))
            got = f"{refused[1]} in it" if refused else "a pickle that is damaged or more than tensors"
            raise InputError(
                f"{path}: got {got}, expected tensors and numbers alone, as no code in a file is run: where it was "
                "made, save the state dict alone, torch.save(model.state_dict(), ...)"
            ) from error


def _lie_as_they_are(path: Path) -> bool:
    """Whether the file can be mapped. Raises TooLargeError when it must be unpacked and does not fit into memory."""
    if (
        not zipfile.is_zipfile(path) or sys.platform == "win32"
    ):  # the format before torch 1.6; no mapped file moves there
        return False
    with zipfile.ZipFile(path) as archive:
        members = archive.infolist()
    if sys.platform != "win32" and all(member.compress_type == zipfile.ZIP_STORED for member in members):
        return True  # Windows moves and overwrites no file that is mapped
    refuse_beyond_memory(path, sum(member.file_size for member in members))
    return False


def is_finite(values: Tensor, dtype: torch.dtype | None = None) -> bool:
    """Whether every value is a finite number, on request also once it is one of `dtype`."""
    parts = (part.to(dtype) if dtype else part for part in values.flatten().split(PART))
    return all(bool((part.float() if part.itemsize == 1 else part).isfinite().all()) for part in parts)


def oddity(values: Tensor) -> str | None:
    """What makes a tensor no plain table of numbers, in a word; None for one that is."""
    if values.layout != torch.strided:
        return "sparse"
    if values.is_quantized:
        return "quantized"
    if values.is_meta:
        return "empty of values (meta)"
    if values.is_complex():
        return "complex"
    repeats = any(step == 0 and n > 1 for step, n in zip(values.stride(), values.shape, strict=True))
    if repeats or values.nbytes > values.untyped_storage().nbytes():
        return "expanded (values that lie there once and are shown many times)"
    return None
