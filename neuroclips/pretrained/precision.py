"""bfloat16 where it is computed in hardware: a film in 60 % of the time, to the eye the same as in float32."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from functools import cache, wraps
from typing import Any

import torch
from torch import Tensor


@cache
def has_bfloat16(device_type: str = "cpu") -> bool:
    """Whether the device multiplies bfloat16 by itself (a CPU by AVX512-BF16); emulated, it is slower than float32."""
    if device_type == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    return device_type == "cpu" and torch.cpu._is_avx512_bf16_supported()  # no public name in torch 2.8


def mixes(model: Any) -> bool:
    """Whether a model of float32 weights is computed in bfloat16 where that pays; one of half precision is as it is."""
    return model.mixes_bfloat16 and model.dtype == torch.float32 and has_bfloat16(model.device.type)


def in_bfloat16(call: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """Let a method of a module mix bfloat16 and float32 (torch.autocast) where its device has it; it gives float32."""

    @wraps(call)
    def mixed(self, *args, **kwargs) -> Tensor:
        kind = self.device.type
        with torch.autocast(kind, torch.bfloat16) if mixes(self) else nullcontext():
            return call(self, *args, **kwargs).float()

    return mixed
