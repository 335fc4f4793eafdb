"""What a component is made of at its real size, and how to make it: with random weights, or without room for any."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch
    from torch import nn


@dataclass(frozen=True)
class Size:
    """One component: its class, "module:Name", its config as plain data, and how many parameters it has.

    published, digits : millions of parameters by `source`, rounded to that many digits, which are independent of
    `parameters`, counted here. build : arguments beside the config, of a reconstructor its number of voxels.
    """

    of: str
    config: Mapping[str, Any]
    parameters: int
    published: float
    digits: int
    source: str
    build: Mapping[str, int] = field(default_factory=dict)

    def make(self, device: torch.device | str = "meta", dtype: torch.dtype | None = None, **changes: Any) -> nn.Module:
        """The frozen component on a device, its weights random as its library draws them; "meta" holds none.

        changes : of the config, such as the sample size of a UNet.
        """
        import torch

        module, _, name = self.of.partition(":")
        with making_on(device, dtype), torch.no_grad():
            made = _made(getattr(import_module(module), name), {**self.config, **changes}, self.build)
        return made.to(dtype=dtype or torch.float32).eval().requires_grad_(False)


@contextmanager
def making_on(device: torch.device | str, dtype: torch.dtype | None = None):
    """Modules made inside lie on that device, in that dtype: none passes through the main memory in float32."""
    import torch

    before = torch.get_default_dtype()
    torch.set_default_dtype(dtype or torch.float32)
    try:
        with torch.device(device):
            yield
    finally:
        torch.set_default_dtype(before)


def count(model: nn.Module) -> int:
    """Its parameters; buffers are not counted, shared ones once."""
    return sum(parameter.numel() for parameter in model.parameters())


def _made(kind: Any, config: dict[str, Any], build: Mapping[str, int]) -> nn.Module:
    if hasattr(kind, "build"):  # a reconstructor's config
        return kind(**config).build(**build)
    if hasattr(kind, "config_class"):  # transformers
        return kind(kind.config_class(**config))
    return kind(**config)  # diffusers, or open_clip's CLIP
