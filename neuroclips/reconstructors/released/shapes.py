"""From the shapes in a checkpoint to the configs that rebuild its networks, whatever their sizes.

A file that lacks a key still gives a config, whose network says which keys there should be; its sizes mean nothing.
"""

from __future__ import annotations

import math
import re

from neuroclips.errors import InputError
from neuroclips.reconstructors.released.perception import ReleasedPerceptionConfig
from neuroclips.reconstructors.released.prior import ReleasedPriorConfig
from neuroclips.reconstructors.released.semantic import ReleasedSemanticConfig

Shapes = dict[str, tuple[int, ...]]
Recipe = tuple[ReleasedSemanticConfig | ReleasedPriorConfig | ReleasedPerceptionConfig, dict[str, int]]


ANY = 32  # a size that nobody can tell because its key is missing; every width may be 32


def semantic_recipe(shapes: Shapes, condition: str = "projected") -> Recipe:
    """The config, and the arguments of its build."""
    clip_dim = size(shapes, "backbone.clip_proj.0.weight", 0)
    blurry = any(key.startswith("backbone.blin1.") for key in shapes)
    config = ReleasedSemanticConfig(
        hidden_dim=size(shapes, "ridge.linears.0.weight", 0),
        n_blocks=count(shapes, "backbone.mixer_blocks1."),
        n_tokens=max(1, size(shapes, "backbone.backbone_linear.weight", 0) // clip_dim),
        clip_dim=clip_dim,
        condition=condition,
        text_dim=size(shapes, "clipproj.proj", 1) if "clipproj.proj" in shapes else 0,
        blurry=blurry,
        **(_map_sizes(shapes) if blurry else {}),
    )
    return config, {"n_voxels": size(shapes, "ridge.linears.0.weight", 1)}


def perception_recipe(shapes: Shapes) -> Recipe:
    """The config, and the arguments of its build."""
    n_voxels = size(shapes, "fmri.lin0.0.weight", 1)
    config = ReleasedPerceptionConfig(
        n_frames=max(1, size(shapes, "fmri.lin1.0.weight", 0) // n_voxels),
        hidden_dim=size(shapes, "ridge1.linears.0.weight", 0),
        extension_dim=size(shapes, "fmri.lin0.0.weight", 0),
        n_blocks=count(shapes, "backbone.mixer_blocks1."),
        **_map_sizes(shapes),
    )
    return config, {"n_voxels": n_voxels}


def prior_recipe(shapes: Shapes) -> Recipe:
    """The config, and the arguments of its build."""
    n_tokens, dim = (size(shapes, "net.learned_query", axis) for axis in (0, 1))
    bias = "net.causal_transformer.rel_pos_bias.relative_attention_bias.weight"
    config = ReleasedPriorConfig(
        dim=dim,
        n_tokens=n_tokens,
        depth=count(shapes, "net.causal_transformer.layers."),
        heads=size(shapes, bias, 1),
        head_dim=size(shapes, "net.causal_transformer.layers.0.0.to_kv.weight", 0) // 2,
        n_timesteps=size(shapes, "noise_scheduler.betas", 0),
    )
    return config, {}


def size(shapes: Shapes, key: str, axis: int) -> int:
    """One axis of one tensor, any size when it is not there. Raises InputError when it has too few axes."""
    shape = shapes.get(key, (ANY,) * (axis + 1))
    if len(shape) <= axis or not shape[axis]:
        raise InputError(f"{key}: got shape {shape}, expected a size on axis {axis}")
    return shape[axis]


def count(shapes: Shapes, prefix: str) -> int:
    """How many numbered modules there are under a prefix; at least one, so that none at all is seen as missing.

    Raises InputError for a number that is more than there are keys: so many modules are never built.
    """
    found = (re.match(re.escape(prefix) + r"(\d{1,9})\.", key) for key in shapes)
    n = max((int(match[1]) + 1 for match in found if match), default=1)
    if n > len(shapes):
        raise InputError(f"got a key {prefix}{n - 1} among {len(shapes)} keys, expected modules numbered from 0")
    return n


def _map_sizes(shapes: Shapes) -> dict:
    start_channels = size(shapes, "backbone.bnorm.weight", 0)
    ups = count(shapes, "backbone.bupsampler.up_blocks.")
    widths = (size(shapes, f"backbone.bupsampler.up_blocks.{k}.resnets.0.conv1.weight", 0) for k in range(ups))
    return {
        "start_channels": start_channels,
        "start_side": math.isqrt(size(shapes, "backbone.blin1.weight", 0) // start_channels),
        "channels": tuple(widths),
        "latent_channels": size(shapes, "backbone.bupsampler.conv_out.weight", 0),
        "maps_dim": size(shapes, "backbone.b_maps_projector.0.weight", 0),
    }
