"""Weights of a reconstructor travel with the JSON that rebuilds it; loading checks that the two agree."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import nn

from neuroclips.errors import MissingError
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


def save(module: nn.Module, folder: Path, **arguments: int) -> None:
    """Write fp16 weights and config.json; `arguments` are those of the config's build, such as n_voxels."""
    folder.mkdir(parents=True, exist_ok=True)
    save_file({k: v.cpu().half().contiguous() for k, v in module.state_dict().items()}, folder / "model.safetensors")
    config: Any = module.config
    record = {"config": type(config).__name__, **asdict(config), "build": arguments}
    (folder / "config.json").write_text(json.dumps(record, indent=1))


def load(folder: str | Path, *, dtype: torch.dtype = torch.float32) -> Any:
    """A frozen reconstructor of the class that config.json names, in `dtype`. Raises MissingError if there is none."""
    folder = Path(folder)
    if not (folder / "config.json").exists():
        raise MissingError(f"no reconstructor in {folder}: train it with python -m neuroclips train")
    record = json.loads((folder / "config.json").read_text())
    config_class, arguments = CONFIGS[record.pop("config")], record.pop("build")
    fields = {k: tuple(v) if isinstance(v, list) else v for k, v in record.items()}
    module = config_class(**fields).build(**arguments)
    module.load_state_dict({k: v.float() for k, v in load_file(folder / "model.safetensors").items()})
    return module.to(dtype).eval().requires_grad_(False)


def n_parameters(config, **arguments: int) -> int:
    """Parameters of what `config.build(**arguments)` makes, without making room for them."""
    with torch.device("meta"):
        return sum(p.numel() for p in config.build(**arguments).parameters())
