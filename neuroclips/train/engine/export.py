"""Write trained weights: half precision, shards below 10 MB (the size above which a Space needs LFS), no paths."""

from __future__ import annotations

import json
from pathlib import Path

from safetensors import safe_open
from safetensors.torch import save_file

SHARD = "9MB"


def save_half(module, folder: Path) -> None:
    """Save a diffusers or transformers model as fp16 safetensors beside the JSON that rebuilds it."""
    module.half().save_pretrained(folder, max_shard_size=SHARD)
    path = folder / "config.json"
    config = json.loads(path.read_text())
    config.pop("_name_or_path", None)  # the folder of the machine that it was trained on
    path.write_text(json.dumps(config, indent=1))


def shrink(folder: Path) -> None:
    """Round the half-precision weights below `folder` to the 8 bits of bfloat16: git packs them a sixth smaller."""
    for path in sorted(folder.rglob("*.safetensors")):
        with safe_open(path, "pt") as file:
            tensors, about = {name: file.get_tensor(name) for name in file.keys()}, file.metadata()  # noqa: SIM118
        save_file({name: x.bfloat16().to(x.dtype) for name, x in tensors.items()}, path, metadata=about)
