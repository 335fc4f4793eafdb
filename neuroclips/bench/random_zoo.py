"""The paper zoo without its weights: every part of the route at its real size, random, in the classes of the product.

What is timed is the pipeline itself; only `from_pretrained` is left out.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from importlib import import_module
from typing import Any

import torch
from diffusers import DDIMScheduler, UNetMotionModel
from torch import nn

from neuroclips import sizes
from neuroclips.bench.words import blip2_processor, tokenizer
from neuroclips.noise import seeded
from neuroclips.pipeline import NeuroClips
from neuroclips.pretrained.animatediff_v3 import SCHEDULE
from neuroclips.pretrained.graphs import Replayed, quicken
from neuroclips.pretrained.video import AnimateDiffSparseCtrl
from neuroclips.sizes.size import Size, making_on
from neuroclips.subject_models import SubjectModels
from neuroclips.types import FmriSample
from neuroclips.zoo import KINDS, Zoo, zoo_named

IMAGE_SCHEDULE = {**SCHEDULE, "beta_schedule": "scaled_linear"}  # of Stable Diffusion and SDXL
SPARE = 7  # of OPT's rows for words: none, until BLIP-2's processor adds the token of an image
SizeOf = Callable[[str], Size]


class RandomZoo:
    """Parts made when they are first asked for, on a device; size_of : of each role, of which tests give tiny ones."""

    def __init__(self, device: torch.device, size_of: SizeOf = sizes.size_of):
        self.device, self.size_of = device, size_of
        self.dtype = torch.bfloat16 if device.type == "cuda" else torch.float32  # in which parts are made
        self.zoo: Zoo = zoo_named("paper")
        self.parts: dict[str, Any] = {}

    def part(self, role: str) -> Any:
        """The part of a role that the route asks for."""
        if role not in self.parts:
            self.parts[role] = MAKERS[role](self).to(self.device).eval().requires_grad_(False)
        return self.parts[role]

    def made(self, role: str, **changes: Any) -> Any:
        """The component of a role, with random weights."""
        return self.size_of(role).make(self.device, self.dtype, **changes)

    def product(self, role: str) -> Callable[..., Any]:
        """The class whose from_pretrained a user's part comes from."""
        module, _, name = KINDS[self.zoo.part(role).kind].partition(":")
        return getattr(import_module(module), name)

    @cached_property
    def subject(self) -> SubjectModels:
        """Reconstructors as `train --zoo paper` makes them, in float32."""
        perception, semantic = (self.size_of(role).make(self.device) for role in ("perception", "semantic"))
        prior = self.size_of("prior").make("cpu")  # where the tables of its noise schedule stay
        models: Any = (perception, semantic, prior.to(self.device))
        return SubjectModels(*models)

    @cached_property
    def pipeline(self) -> NeuroClips:
        return NeuroClips(self.zoo, self.part, lambda subject: self.subject)

    def samples(self, n: int) -> list[FmriSample]:
        """fMRI of nothing."""
        n_voxels = self.subject.semantic.n_voxels
        return [FmriSample(torch.randn(n_voxels, generator=seeded(clip)), 1, clip) for clip in range(n)]

    def cast(self, video: torch.dtype, keyframes: torch.dtype, keyframe_codec: torch.dtype) -> None:
        """Compute in these from now on, and in nothing else: no mixture with bfloat16."""
        self.forget()
        for role, dtype in (("video", video), ("keyframes", keyframes), ("captioner/blip2", keyframes)):
            self.part(role).to(dtype)
            self.part(role).mixes_bfloat16 = False
        for codec, dtype in ((self.part("keyframes").codec, keyframe_codec), (self.part("video").codec, video)):
            codec.to(dtype)
            codec.mixes_bfloat16 = False

    def replay(self, graphs: bool, channels_last: bool, compiled: bool) -> None:
        """Whether networks that denoise are replayed from CUDA graphs, and how convolutions' weights lie in memory.

        compiled : whether UNets are compiled first.
        """
        for role in ("keyframes", "video"):
            model: Any = quicken(self.part(role))
            laid(model, torch.channels_last if channels_last else torch.contiguous_format)
            for module in model.modules():
                if isinstance(module, Replayed):
                    module.active = graphs
            model.unet.compiled = compiled

    def forget(self) -> None:
        """Free what graphs hold."""
        for model in self.parts.values():
            for module in model.modules():
                if isinstance(module, Replayed):
                    module.forget()
        if self.device.type == "cuda":
            torch.cuda.empty_cache()


def network(module: nn.Module) -> Any:
    """A network that may be replayed, itself."""
    return module.network if isinstance(module, Replayed) else module


def laid(model: nn.Module, form: torch.memory_format) -> None:
    """Weights of convolutions in this order."""
    for module in model.modules():
        if isinstance(module, nn.Conv2d):
            module.to(memory_format=form)


def _codec(zoo: RandomZoo, role: str) -> Any:
    return zoo.product(role)(zoo.made(role))


def _keyframes(zoo: RandomZoo) -> nn.Module:
    schedule, codec = DDIMScheduler(**IMAGE_SCHEDULE), _codec(zoo, "keyframe codec")
    return zoo.product("keyframes")(zoo.made("keyframes"), schedule, codec)


def _captioner(zoo: RandomZoo) -> nn.Module:
    model = zoo.made("captioner/blip2")
    words, size = model.config.text_config.vocab_size, model.config.vision_config.image_size
    return zoo.product("captioner/blip2")(model, blip2_processor(words - SPARE, size))


def _text(zoo: RandomZoo) -> nn.Module:
    model = zoo.made("text encoder")
    words = tokenizer(model.config.vocab_size, model.config.max_position_embeddings)
    return zoo.product("text encoder")(model, words)


def _video(zoo: RandomZoo) -> nn.Module:
    """AnimateDiff v3; its domain adapter would be part of the UNet's weights."""
    with making_on(zoo.device, zoo.dtype):
        unet = UNetMotionModel.from_unet2d(zoo.made("image model"), zoo.made("motion adapter"))
    schedule, codec = DDIMScheduler(**SCHEDULE), _codec(zoo, "video codec")
    return AnimateDiffSparseCtrl(unet, zoo.made("sparse ctrl"), schedule, codec, zoo.part("text encoder"))


MAKERS: dict[str, Callable[[RandomZoo], nn.Module]] = {
    "codec": lambda zoo: _codec(zoo, "codec"),
    "keyframes": _keyframes,
    "captioner/blip2": _captioner,
    "text encoder": _text,
    "video": _video,
}
