"""Write trained weights: half precision, shards below 10 MB (the size above which a Space needs LFS), no paths."""

from __future__ import annotations

import json
from pathlib import Path

SHARD = "9MB"


def save_half(module, folder: Path) -> None:
    """Save a diffusers or transformers model as fp16 safetensors beside the JSON that rebuilds it."""
    module.half().save_pretrained(folder, max_shard_size=SHARD)
    path = folder / "config.json"
    config = json.loads(path.read_text())
    config.pop("_name_or_path", None)  # the folder of the machine that it was trained on
    path.write_text(json.dumps(config, indent=1))
