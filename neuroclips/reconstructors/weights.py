"""Weights of a reconstructor travel with the JSON that rebuilds it; loading checks that the two agree."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from neuroclips.errors import InputError, MissingError
from neuroclips.files import whole_files, write_json
from neuroclips.reconstructors.fusion import FusionConfig
from neuroclips.reconstructors.linear import LinearConfig
from neuroclips.reconstructors.perception import PerceptionConfig
from neuroclips.reconstructors.prior import PriorConfig
from neuroclips.reconstructors.projector import ProjectorConfig
from neuroclips.reconstructors.released import ReleasedPerceptionConfig, ReleasedPriorConfig, ReleasedSemanticConfig
from neuroclips.reconstructors.semantic import SemanticConfig

OURS = (SemanticConfig, PriorConfig, PerceptionConfig, LinearConfig, ProjectorConfig, FusionConfig)
KNOWN = (*OURS, ReleasedSemanticConfig, ReleasedPriorConfig, ReleasedPerceptionConfig)
CONFIGS: dict[str, Callable[..., Any]] = {c.__name__: c for c in KNOWN}


DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}


def dtype_named(name: str) -> torch.dtype:
    """A dtype for files of weights. Raises InputError with those that there are."""
    if name not in DTYPES:
        raise InputError(f"got dtype {name!r}, expected one of: {', '.join(DTYPES)}")
    return DTYPES[name]


def save(module: nn.Module, folder: Path, dtype: torch.dtype | None = None, **arguments: int) -> None:
    """Write weights and config.json, both or none; `arguments` are those of the config's build, such as n_voxels.

    dtype : of the numbers in the file; None leaves each as it is.
    """
    tensors = {name: _as(value.cpu(), dtype).contiguous() for name, value in module.state_dict().items()}
    config: Any = module.config
    record = {"config": type(config).__name__, **asdict(config), "build": arguments}
    with whole_files(folder, last="config.json") as new:
        save_file(_unshared(tensors), new / "model.safetensors")
        write_json(new / "config.json", record)


def _as(value: Tensor, dtype: torch.dtype | None) -> Tensor:
    return value.to(dtype) if dtype and value.is_floating_point() else value


def _unshared(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """A copy of every tensor that lies in the memory of another one: safetensors keeps each apart."""
    seen, own = set(), {}
    for name, value in tensors.items():
        place = value.untyped_storage().data_ptr()
        own[name] = value.clone() if place in seen else value
        seen.add(place)
    return own


def load(
    folder: str | Path, *, subfolder: str | None = None, revision: str | None = None, dtype: torch.dtype = torch.float32
) -> Any:
    """A frozen reconstructor of the class that config.json names, in `dtype` whatever is in the file; the hub has none.

    Raises MissingError when it is not there.
    """
    folder = Path(folder, subfolder or "")
    if not (folder / "config.json").exists():
        raise MissingError(f"no reconstructor in {folder}: train it with python -m neuroclips train")
    record = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    config_class, arguments = CONFIGS[record.pop("config")], record.pop("build")
    fields = {k: tuple(v) if isinstance(v, list) else v for k, v in record.items()}
    module = config_class(**fields).build(**arguments)
    module.load_state_dict(load_file(folder / "model.safetensors"))
    return module.to(dtype).eval().requires_grad_(False)


def n_parameters(config, **arguments: int) -> int:
    """Parameters of what `config.build(**arguments)` makes, without making room for them."""
    with torch.device("meta"):
        return sum(p.numel() for p in config.build(**arguments).parameters())
