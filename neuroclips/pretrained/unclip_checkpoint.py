"""The one checkpoint of SDXL unCLIP, as the sgm library wrote it, to the folders that diffusers loads.

Which key is which is told by diffusers' own tables. The file is mapped from disk: until a shard is written nothing of
it is copied, so that 18 GB take the memory of one shard, twice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from diffusers.loaders.single_file_utils import convert_ldm_unet_checkpoint, convert_ldm_vae_checkpoint
from huggingface_hub import split_torch_state_dict_into_shards
from safetensors.torch import save_file
from torch import Tensor

from neuroclips.disk import expect_folder, expect_free, naming_the_disk
from neuroclips.errors import InputError
from neuroclips.files import whole_folders, write_json
from neuroclips.reading import naming
from neuroclips.sizes.unclip import FILE, SCHEDULE, UNET, VAE
from neuroclips.tensors import is_finite, oddity, read_saved

HOME = Path("pscotti", "mindeyev2", "unclip6")  # of what is made of it, below models_dir()
EXPECTED = f"the weights of SDXL unCLIP ({FILE})"
SHARD = 5 * 10**8  # [bytes], of which twice as many are in memory while it is written
WEIGHTS = "diffusion_pytorch_model{suffix}.safetensors"  # as diffusers names them


class Ignored:
    """Stands for a class that a checkpoint names beside its weights: it is never made, nor asked for anything."""


# What PyTorch Lightning names in checkpoints: its callbacks are keys of their states
NAMED = [
    (Ignored, f"{home}.callbacks.model_checkpoint.ModelCheckpoint")
    for home in ("pytorch_lightning", "lightning.pytorch")
]


@dataclass(frozen=True)
class Piece:
    """One model of the checkpoint: how its keys begin there, the class and config to load it by, the table of keys."""

    prefix: str
    model: Any
    config: Mapping[str, Any]
    renamed: Callable[[dict[str, Tensor], Mapping[str, Any]], dict[str, Tensor]]

    def empty(self) -> Any:
        """The model without numbers, which tells names and shapes."""
        with torch.device("meta"):
            return self.model(**self.config)


def convert(
    file: Path,
    out: Path,
    dtype: torch.dtype = torch.float16,
    unet: Mapping[str, Any] = UNET,
    vae: Mapping[str, Any] = VAE,
) -> Path:
    """Write out/vae, out/scheduler and out/unet, in this order and each of them whole, for those of an earlier time.

    dtype : of the UNet's weights; those of the codec, which float16 is too small for, are float32. unet, vae : configs.
    Returns `out`. Raises InputError, and writes nothing, for another file, one that is cut or holds code, weights that
    are not finite in their dtype, and a disk without room.
    """
    file, out = Path(file), expect_folder(Path(out))
    state = _state(file)
    models = {}
    for name, piece, kind in (
        ("vae", Piece("first_stage_model.", AutoencoderKL, vae, convert_ldm_vae_checkpoint), torch.float32),
        ("unet", Piece("model.diffusion_model.", UNet2DConditionModel, unet, convert_ldm_unet_checkpoint), dtype),
    ):
        models[name] = (piece.empty().to(kind), renamed(file, state, piece))
    n_bytes = sum(p.nbytes for model, _ in models.values() for p in model.parameters())
    expect_free(out, n_bytes, "choose another folder")
    with whole_folders(out, ("vae", "scheduler", "unet")) as new:
        (new / "scheduler").mkdir()
        write_json(new / "scheduler" / "scheduler_config.json", SCHEDULE)
        for name, (model, tensors) in models.items():
            model.save_config(new / name)
            _write(file, new / name, tensors, model.state_dict())
    return out


def _state(file: Path) -> dict[str, Tensor]:
    saved = read_saved(file, NAMED)
    state = saved.get("state_dict") if isinstance(saved, dict) else None
    if not isinstance(state, dict) or not all(isinstance(value, Tensor) for value in state.values()):
        got = ", ".join(list(map(str, saved))[:5]) if isinstance(saved, dict) else type(saved).__name__
        raise InputError(f"{file}: got {got or 'nothing'}, expected a state_dict of tensors, {EXPECTED}")
    return state


def renamed(file: Path, state: Mapping[str, Tensor], piece: Piece) -> dict[str, Tensor]:
    """The tensors of a piece by diffusers' names, not copied. Raises InputError for those of another model."""
    own = {key: value for key, value in state.items() if key.startswith(piece.prefix)}
    if not own:
        first = sorted({key.split(".")[0] for key in state})[:5]
        raise InputError(f"{file}: got keys under {', '.join(first)}, expected {piece.prefix}..., {EXPECTED}")
    with naming(file, EXPECTED):
        tensors = piece.renamed(own, piece.config)
    expected = piece.empty().state_dict()
    wrong = [f"an unknown {name}" for name in tensors if name not in expected]
    wrong += [f"{fault} in {name}" for name in expected if (fault := _fault(tensors.get(name), expected[name]))]
    if wrong:
        more = f" and {len(wrong) - 2} more" if len(wrong) > 2 else ""
        raise InputError(f"{file}: got {', '.join(wrong[:2])}{more}, expected {EXPECTED}")
    return tensors


def _fault(value: Tensor | None, expected: Tensor) -> str | None:
    if value is None:
        return "nothing"
    if not value.is_floating_point():
        return str(value.dtype).removeprefix("torch.")
    if value.shape != expected.shape:
        return f"shape {tuple(value.shape)} for {tuple(expected.shape)}"
    return oddity(value)


def _write(file: Path, folder: Path, tensors: Mapping[str, Tensor], expected: Mapping[str, Tensor]) -> None:
    """Weights in shards, and the index of them that diffusers reads; `expected` tells their dtypes."""
    shards = split_torch_state_dict_into_shards(dict(expected), filename_pattern=WEIGHTS, max_shard_size=SHARD)
    for name, keys in shards.filename_to_tensors.items():
        part = {key: _cast(file, key, tensors[key], expected[key].dtype) for key in keys}
        with naming_the_disk(folder / name):
            save_file(part, folder / name, metadata={"format": "pt"})
    if shards.is_sharded:
        index = {"metadata": shards.metadata, "weight_map": shards.tensor_to_filename}
        write_json(folder / f"{WEIGHTS.format(suffix='')}.index.json", index)


def _cast(file: Path, name: str, value: Tensor, dtype: torch.dtype) -> Tensor:
    if not is_finite(value, dtype):
        kind = str(dtype).removeprefix("torch.")
        raise InputError(
            f"{file}: got numbers in {name} that are not finite in {kind}, expected finite ones: "
            f"{'take bfloat16, or ' * (dtype == torch.float16)}fetch the file again"
        )
    return value.to(dtype, copy=True).contiguous()
