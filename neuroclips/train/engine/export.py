"""Write trained weights: in the dtype that is asked for, shards below 10 MB (above it a Space needs LFS), no paths."""

from __future__ import annotations

import copy
import json
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import save_file

SHARD = "9MB"


def save_model(module, folder: Path, dtype: torch.dtype = torch.float32) -> None:
    """Save a diffusers or transformers model as safetensors beside the JSON that rebuilds it."""
    given = module if module.dtype == dtype else copy.deepcopy(module).to(dtype)
    given.save_pretrained(folder, max_shard_size=SHARD)
    _edit(folder / "config.json", lambda config: config.pop("_name_or_path", None))  # a folder of one machine


def shrink(folder: Path) -> None:
    """Round the weights below `folder` to half precision with the 8 bits of bfloat16: git packs them a sixth smaller.

    Only weights that are shipped are rounded so.
    """
    for path in sorted(folder.rglob("*.safetensors")):
        with safe_open(path, "pt") as file:
            tensors, about = {name: file.get_tensor(name) for name in file.keys()}, file.metadata()  # noqa: SIM118
        rounded = {name: x.half().bfloat16().half() if x.is_floating_point() else x for name, x in tensors.items()}
        save_file(rounded, path, metadata=about)
    for path in sorted(folder.rglob("config.json")):
        _edit(path, _say_half)


def _say_half(value: object) -> None:
    """Wherever a config names the dtype of its weights, it is float16."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if name in ("dtype", "torch_dtype") and isinstance(inner, str):
                value[name] = "float16"
            _say_half(inner)


def _edit(path: Path, change) -> None:
    config = json.loads(path.read_text())
    before = copy.deepcopy(config)
    change(config)
    if config != before:
        path.write_text(json.dumps(config, indent=1))
