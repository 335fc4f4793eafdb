"""Write trained weights: in the dtype that is asked for, shards below 10 MB (above it a Space needs LFS), no paths."""

from __future__ import annotations

import copy
import json
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import save_file

from neuroclips.files import whole_file, whole_files, write_json

SHARD = "9MB"


def save_model(module, folder: Path, dtype: torch.dtype = torch.float32, *beside) -> None:
    """Save a diffusers or transformers model as safetensors with the JSON that rebuilds it: all files, or none.

    beside : what else belongs into its folder, such as a tokenizer.
    """
    given = module if module.dtype == dtype else copy.deepcopy(module).to(dtype)
    with whole_files(folder, last="config.json", gone=("*.safetensors", "*.safetensors.index.json")) as new:
        given.save_pretrained(new, max_shard_size=SHARD)
        _edit(new / "config.json", lambda config: config.pop("_name_or_path", None))  # a folder of one machine
        for other in beside:
            other.save_pretrained(new)


def save_scheduler(scheduler, folder: Path) -> None:
    """Save the config of a diffusers scheduler."""
    with whole_files(folder, last="scheduler_config.json") as new:
        scheduler.save_pretrained(new)


def shrink(folder: Path) -> None:
    """Round the weights below `folder` to half precision with the 8 bits of bfloat16: git packs them a sixth smaller.

    Only weights that are shipped are rounded so.
    """
    for path in sorted(folder.rglob("*.safetensors")):
        with safe_open(path, "pt") as file:
            tensors, about = {name: file.get_tensor(name) for name in file.keys()}, file.metadata()  # noqa: SIM118
        rounded = {name: x.half().bfloat16().half() if x.is_floating_point() else x for name, x in tensors.items()}
        with whole_file(path) as partial:
            save_file(rounded, partial, metadata=about)
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
    config = json.loads(path.read_text(encoding="utf-8"))
    before = copy.deepcopy(config)
    change(config)
    if config != before:
        write_json(path, config)
