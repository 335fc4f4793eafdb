"""AnimateDiff v3 as the paper runs it: under its own noise schedule, with its domain adapter in the image model."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import torch
from diffusers import DDIMScheduler, MotionAdapter, SparseControlNetModel, UNet2DConditionModel, UNetMotionModel
from safetensors.torch import load_file
from torch import Tensor, nn

from neuroclips.errors import InputError
from neuroclips.pretrained.base import TextEncoder
from neuroclips.pretrained.codec import LatentCodec
from neuroclips.pretrained.video import AnimateDiffSparseCtrl

# of AnimateDiff's inference-v3.yaml; the folder of Stable Diffusion holds another, which its motion modules never saw
SCHEDULE = {
    "beta_start": 0.00085,
    "beta_end": 0.012,
    "beta_schedule": "linear",
    "steps_offset": 1,
    "clip_sample": False,
    "timestep_spacing": "leading",
}
LORA_FILE = "diffusion_pytorch_model.safetensors"
DOWN, UP = "_lora.down.weight", "_lora.up.weight"  # ends of keys, as AnimateDiff and diffusers write them


class Lora(nn.Module):
    """Low-rank changes (Hu et al. 2021) of the layers of an image model, known by the layers' names."""

    def __init__(self, downs: Mapping[str, Tensor], ups: Mapping[str, Tensor]):
        """downs, ups : (rank, width in) and (width out, rank) of each layer."""
        super().__init__()
        self.names = tuple(downs)
        self.downs = nn.ParameterList(downs.values())
        self.ups = nn.ParameterList(ups[name] for name in self.names)

    @classmethod
    def from_pretrained(cls, source: str | Path, *, subfolder=None, revision=None, dtype=torch.float32) -> Lora:
        """From a folder. Raises InputError for keys that are not those of attention layers."""
        file = Path(source) / (subfolder or "") / LORA_FILE
        state = load_file(file)
        downs = {layer_of(key): value.to(dtype) for key, value in state.items() if key.endswith(DOWN)}
        ups = {layer_of(key): value.to(dtype) for key, value in state.items() if key.endswith(UP)}
        if downs.keys() != ups.keys() or len(state) != 2 * len(downs) or not state:
            other = next((key for key in state if not key.endswith((DOWN, UP))), f"{len(downs)} down, {len(ups)} up")
            raise InputError(f"{file}: got {other}, expected pairs of keys that end in {DOWN} and {UP}")
        return cls(downs, ups)

    @torch.no_grad()
    def fuse(self, unet: UNetMotionModel, scale: float = 1.0) -> None:
        """Add the changes to the weights. Raises InputError for a layer that the model has not, or of another size."""
        layers = dict(unet.named_modules())
        for name, down, up in zip(self.names, self.downs, self.ups, strict=True):
            weight = getattr(layers.get(name), "weight", None)
            shape = (up.shape[0], down.shape[1])
            if weight is None or weight.shape != shape:
                got = "no such layer" if weight is None else f"shape {tuple(weight.shape)}"
                raise InputError(f"got {got} for {name}, expected {shape}: take the domain adapter of this image model")
            change = up.float() @ down.float()
            weight.copy_(weight.float() + scale * change.to(weight.device))


def layer_of(key: str) -> str:
    """The layer that a key is about: "unet.X.attn1.processor.to_out_lora.up.weight" to "X.attn1.to_out.0"."""
    name = key.removeprefix("unet.").removesuffix(DOWN).removesuffix(UP).replace(".processor.", ".")
    return f"{name}.0" if name.endswith(".to_out") else name


class AnimateDiffV3(AnimateDiffSparseCtrl):
    """The video model of the paper. Its domain adapter counts in full, as in the released code."""

    @classmethod
    def from_pretrained(  # type: ignore[override]
        cls,
        source: str | Path,
        image_model: UNet2DConditionModel,
        adapter: MotionAdapter,
        control: SparseControlNetModel,
        codec: LatentCodec,
        text: TextEncoder,
        lora: Lora,
        *,
        subfolder=None,
        revision=None,
        dtype=torch.float32,
    ) -> AnimateDiffV3:
        """The parts put together; nothing is read from `source`."""
        unet = UNetMotionModel.from_unet2d(image_model, adapter)
        lora.fuse(unet)
        return cls(unet, control, DDIMScheduler(**SCHEDULE), codec, text).eval().requires_grad_(False)
