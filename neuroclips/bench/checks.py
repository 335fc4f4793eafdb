"""Whether faster computes the same: graphs beside calls, batches beside single clips, bfloat16 beside float32."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils import _pytree as tree

from neuroclips.bench.random_zoo import RandomZoo, network
from neuroclips.bench.rows import FAST, FULL, Speed
from neuroclips.bench.timing import WARM_UP, computing

GREY = 255
EAGER = replace(FULL, graphs=False)


def checks(zoo: RandomZoo, pixels: int, batch: int) -> Iterator[dict]:
    """One row for each comparison, of networks at their inputs in the route and of whole films of two steps."""
    with computing(zoo, EAGER):
        alone, inputs = _film(zoo, 1, pixels), _inputs(zoo, pixels)
        eager = {role: _called(network(zoo.part(role).unet), given) for role, given in inputs.items()}
    with computing(zoo, FULL):
        again = {role: _called(zoo.part(role).unet, given) for role, given in inputs.items()}
        replayed = {role: _called(zoo.part(role).unet, given) for role, given in inputs.items()}
        for role in inputs:
            yield _row(f"{role}: graph beside eager", replayed[role], eager[role])
            yield _row(f"{role}: graph, replayed again", replayed[role], again[role])
        recorded = _film(zoo, 1, pixels)
        for name in alone:
            yield _grey(f"{name}: graph beside eager", recorded[name], alone[name])
    with computing(zoo, EAGER):
        together = _film(zoo, batch, pixels)
        for name in alone:
            yield _grey(f"{name}: first of {batch} beside alone", together[name], alone[name])
    for what, speed in (("channels last", replace(EAGER, channels_last=True)), ("float32", Speed(tf32=False))):
        with computing(zoo, speed):
            for role in inputs:
                if what == "float32":
                    zoo.part(role).float()
                exact = _called(network(zoo.part(role).unet), inputs[role])
                yield _row(f"{role}: bfloat16 beside {what}", eager[role], exact)


def _film(zoo: RandomZoo, n: int, pixels: int) -> dict[str, Tensor]:
    """Keyframe and film of the first of n clips, in few steps."""
    made = zoo.pipeline(zoo.samples(n), replace(FAST.settings(zoo.zoo.settings), pixels=pixels, **WARM_UP))[0]
    assert made.keyframe is not None
    return {"keyframe": made.keyframe, "film": made.video}


def _inputs(zoo: RandomZoo, pixels: int) -> dict[str, Any]:
    """What the UNets are given in the route, by role."""
    seen: dict[str, Any] = {}
    with _watched(zoo, seen):
        _film(zoo, 1, pixels)
    return seen


@contextmanager
def _watched(zoo: RandomZoo, seen: dict[str, Any]) -> Iterator[None]:
    def keep(role: str):
        def hook(module: nn.Module, args: tuple, kwargs: dict) -> None:
            seen.setdefault(role, tree.tree_map_only(Tensor, Tensor.clone, (args, kwargs)))

        return hook

    hooks = [
        zoo.part(role).unet.register_forward_pre_hook(keep(role), with_kwargs=True) for role in ("keyframes", "video")
    ]
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()


@torch.no_grad()
def _called(unet: nn.Module, given: tuple) -> Tensor:
    dtype = next(unet.parameters()).dtype
    args, kwargs = tree.tree_map_only(Tensor, lambda x: x.to(dtype) if x.is_floating_point() and x.dim() else x, given)
    return unet(*args, **kwargs).sample.float()


def _row(what: str, got: Tensor, exact: Tensor) -> dict:
    error = (got - exact).norm() / exact.norm()
    return {"check": what, "relative error": float(f"{error.item():.3g}")}


def _grey(what: str, got: Tensor, other: Tensor) -> dict:
    error = GREY * (got - other).abs()
    return {
        "check": what,
        "grey values, mean": round(error.mean().item(), 4),
        "grey values, most": round(error.max().item(), 2),
    }
