"""A checkpoint file to its tensors by name; code that may be pickled in it is never run."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import load_file
from torch import Tensor

from neuroclips.errors import InputError, MissingError


def read_tensors(file: Path) -> dict[str, Tensor]:
    """The model's tensors by name, mapped from disk. Raises InputError for a file with anything that could run."""
    if not file.is_file():
        raise MissingError(f"no file {file}: expected a checkpoint, .pth, .pt, .ckpt or .safetensors")
    try:
        stored: Any = load_file(file) if file.suffix == ".safetensors" else _unpickled(file)
    except MemoryError:  # says nothing about the file
        raise
    except Exception as error:  # a damaged file, or one with pickled code
        reason = (str(error).strip() or type(error).__name__).splitlines()[0][:120]
        raise InputError(
            f"{file}: got a file that does not load safely ({reason}); expected tensors only, save its "
            "model_state_dict alone where it was made"
        ) from error
    for container in ("model_state_dict", "state_dict"):
        stored = stored.get(container, stored) if isinstance(stored, dict) else {}
    named = stored.items() if isinstance(stored, dict) else ()
    tensors = {str(k).removeprefix("module."): v for k, v in named if isinstance(v, Tensor)}
    if not tensors:
        raise InputError(f"{file}: got no tensors, expected a state dict, bare or under model_state_dict or state_dict")
    return tensors


def _unpickled(file: Path) -> dict:
    """Plain containers, tensors and numpy numbers (the lists of losses beside the weights)."""
    numbers: list[Any] = [np.dtype, *(type(np.dtype(kind)) for kind in ("f4", "f8", "i8"))]
    numbers += [(np.float64(0).__reduce__()[0], f"numpy.{core}.multiarray.scalar") for core in ("core", "_core")]
    with torch.serialization.safe_globals(numbers):
        return torch.load(file, map_location="cpu", weights_only=True, mmap=zipfile.is_zipfile(file))
