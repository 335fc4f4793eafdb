"""A checkpoint file to its tensors by name, free of what training scripts wrap around them; code is never run."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np
from torch import Tensor

from neuroclips.errors import InputError
from neuroclips.tensors import read_safetensors, read_saved

CONTAINERS = ("model_state_dict", "state_dict", "module", "model", "net")  # module: DeepSpeed
WRAPPERS = {"_orig_mod", "module", "_forward_module", "_fsdp_wrapped_module"}  # compile, DDP, Fabric, FSDP
OUTER = ("model", "net")  # what a Lightning module calls the network, which may have parts of these names


def read_tensors(file: Path) -> dict[str, Tensor]:
    """The model's tensors by name, mapped from disk. Raises InputError for a file with anything that could run."""
    stored = read_safetensors(file) if file.suffix.lower() == ".safetensors" else read_saved(file, _plain_values())
    state, tensors = _state_dict(file, stored), {}
    for key, value in state.items() if isinstance(state, dict) else ():
        if not isinstance(value, Tensor):
            continue
        if (name := _bare(str(key))) in tensors:
            raise InputError(f"{file}: got two tensors for {name}, the second as {key}, expected one: save one network")
        tensors[name] = value
    if not tensors:
        raise InputError(
            f"{file}: got {_described(state)}, expected a state dict of tensors, bare or under {', '.join(CONTAINERS)}"
        )
    return tensors


def _plain_values() -> list[Any]:
    """What lies beside weights and only holds values: arguments, numbers and arrays of numpy 1 and 2."""
    kinds = {type(np.dtype(kind)) for kind in np.typecodes["All"] if kind != "O"}
    made = {"scalar": np.float64(0).__reduce__()[0], "_reconstruct": np.zeros(0).__reduce__()[0]}
    names = [(made[name], f"numpy.{core}.multiarray.{name}") for core in ("core", "_core") for name in made]
    return [argparse.Namespace, np.ndarray, np.dtype, *kinds, *names]


def _state_dict(file: Path, stored: Any) -> Any:
    """What lies innermost in the containers."""
    while isinstance(stored, dict):
        inner = [name for name in CONTAINERS if isinstance(stored.get(name), dict)]
        if len(inner) > 1:
            raise InputError(
                f"{file}: got weights under {' and under '.join(inner)}, expected one of them: save it alone"
            )
        if not inner:
            return stored
        stored = stored[inner[0]]
    return stored


def _bare(key: str) -> str:
    names = [name for name in key.split(".") if name not in WRAPPERS]
    while len(names) > 1 and names[0] in OUTER:
        names = names[1:]
    return ".".join(names)


def _described(state: Any) -> str:
    if not isinstance(state, dict):
        return f"a {type(state).__name__}"
    kinds = sorted({type(value).__name__ for value in state.values()})
    return f"values of type {', '.join(kinds)}" if kinds else "an empty state dict"
