"""The flat map's bytes: voxel weights of the shipped reconstructors, kept in the cache once they are worked out."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from neuroclips.data.registry import load_dataset
from neuroclips.files import whole_file
from neuroclips.kept import kept_file
from neuroclips.paths import cache_dir
from neuroclips.ui.flatmap import quantised
from neuroclips.zoo import zoo_named

SCALE = "robust"  # by min-max nine voxels in ten of subject 1 lie below the colour bar, which an outlier sets
MODELS = {"perception": "Perception Reconstructor", "semantic": "Semantics Reconstructor"}


@cache
def weights(subject: int, model: str) -> bytes:
    """59,412 bytes, one per grayordinate: 0 where there is no voxel, else 1 + 254 v of a weight v in [0, 1]."""
    folder = zoo_named().part(model).of(subject).folder
    digest = hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()[:12]
    kept = cache_dir("shown") / f"weights_{SCALE}_{model}_{subject}_{digest}.bin"
    return kept_file(kept, lambda: _work_out(subject, folder / "model.safetensors", kept), Path.read_bytes)


def _work_out(subject: int, path: Path, kept: Path) -> None:
    # Imported here: the page should be up before any library of the brain.
    from safetensors import safe_open

    from neuroclips.brain.weights_map import mean_weight, to_cortex

    with safe_open(str(path), "numpy") as file:
        ridge = file.get_tensor("ridge.weight").astype("float32")  # (ridge_dim, n_voxels)
    values = quantised(to_cortex(mean_weight(ridge, SCALE), load_dataset().vertex_index(subject)))
    with whole_file(kept) as partial:
        partial.write_bytes(values.tobytes())
