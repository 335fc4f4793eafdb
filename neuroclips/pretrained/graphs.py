"""CUDA graphs: a network's call is recorded once for each shape of its inputs, and then replayed.

A step of denoising one film is thousands of small kernels, and a fast GPU waits for a program to launch them; a graph
launches them all at once. What is computed is the same. Weights must stay where they are: models that take turns on a
device cannot be recorded. A network may be compiled first, which fuses its kernels: a minute or more for each shape.
"""

from __future__ import annotations

import warnings
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils import _pytree as tree

NETWORKS = ("unet", "control")  # of models that denoise, by attribute
SPEEDS = ("graphs", "compiled")
WARM_UPS = 2  # calls before recording, in which libraries choose their kernels
MOST = 6  # shapes of inputs that are remembered


@cache
def _aside(device: torch.device) -> torch.cuda.Stream:
    """Where all networks of a device are recorded: what one stream has freed in a shared pool no other stream takes."""
    return torch.cuda.Stream(device)


class Recording:
    """One call of a network as a graph, with places for its inputs and outputs."""

    def __init__(self, network: nn.Module, inputs: list, spec: Any, pool: Any, device: torch.device):
        with torch.cuda.device(device):  # torch records on the current device, which need not be the network's
            self._record(network, inputs, spec, pool, device)

    def _record(self, network: nn.Module, inputs: list, spec: Any, pool: Any, device: torch.device) -> None:
        self.places = [x.to(device, copy=True) if isinstance(x, Tensor) else x for x in inputs]
        args, kwargs = tree.tree_unflatten(self.places, spec)
        aside = _aside(device)
        aside.wait_stream(torch.cuda.current_stream(device))
        with torch.cuda.stream(aside), _recorded():
            for _ in range(WARM_UPS):
                network(*args, **kwargs)
        torch.cuda.current_stream(device).wait_stream(aside)
        self.graph = torch.cuda.CUDAGraph()
        record = torch.cuda.graph(self.graph, pool=pool, stream=aside, capture_error_mode="thread_local")
        with record, _recorded():
            self.outputs = network(*args, **kwargs)

    def replay(self, inputs: list) -> Any:
        """What the network gives for these inputs, in tensors of its own."""
        for place, x in zip(self.places, inputs, strict=True):
            if isinstance(x, Tensor):
                place.copy_(x)
        self.graph.replay()
        return tree.tree_map_only(Tensor, Tensor.clone, self.outputs)


class Replayed(nn.Module):
    """A frozen network that is called as ever, on a CUDA device by replaying what was recorded.

    Off such a device, and where gradients are wanted, it is the network itself. A network that cannot be recorded is
    called as it is from then on, and a warning says so once. The last `MOST` shapes of inputs are remembered.
    """

    def __init__(self, network: nn.Module, compiled: bool = False):
        super().__init__()
        self.network, self.compiled, self.active = network, compiled, True
        self.recordings: OrderedDict[tuple, Recording] = OrderedDict()
        self._pool: Any = None

    @property
    def config(self) -> Any:
        return self.network.config

    @property
    def dtype(self) -> torch.dtype:
        return next(self.network.parameters()).dtype

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        weight = next(self.network.parameters())
        if not self.active or weight.device.type != "cuda" or torch.is_grad_enabled():
            return self.network(*args, **kwargs)
        inputs, spec = tree.tree_flatten((args, kwargs))
        key = (str(spec), tuple(map(_kind, inputs)), weight.data_ptr(), weight.dtype, torch.is_autocast_enabled("cuda"))
        if key not in self.recordings:
            try:
                self._record(key, inputs, spec, weight.device)
            except RuntimeError as error:  # of compilers, too
                self.active = False
                warnings.warn(_why(self.network, error), stacklevel=2)
                return self.network(*args, **kwargs)
        self.recordings.move_to_end(key)
        return self.recordings[key].replay(inputs)

    def forget(self) -> None:
        """Give back the memory of all recordings."""
        self.recordings.clear()
        self._pool = None

    def _record(self, key: tuple, inputs: list, spec: Any, device: torch.device) -> None:
        if len(self.recordings) >= MOST:
            self.recordings.popitem(last=False)
        self._pool = self._pool or torch.cuda.graph_pool_handle()  # recordings run one at a time, and share their room
        network: Any = torch.compile(self.network, dynamic=False) if self.compiled else self.network
        self.recordings[key] = Recording(network, inputs, spec, self._pool, device)


def quicken(model: nn.Module, compiled: bool = False) -> nn.Module:
    """The model, with its denoising networks replayed from now on.

    compiled : whether its UNet is compiled before it is recorded. Its results change by rounding at most. Weights must
    be on their device, to stay.
    """
    for name in NETWORKS:
        network = getattr(model, name, None)
        if isinstance(network, nn.Module) and not isinstance(network, Replayed):
            setattr(model, name, Replayed(network, compiled and name == "unet").eval())
    return model


def _kind(x: Any) -> Any:
    """What of an input decides which kernels run: of a tensor its shape and dtype, and all of anything else."""
    return (tuple(x.shape), x.dtype) if isinstance(x, Tensor) else x


@contextmanager
def _recorded() -> Iterator[None]:
    """How a call is made that is recorded, and the calls before it.

    cuDNN tries its kernels for each convolution, once. Autocast keeps no casts of weights: a graph would read those
    that were made outside it, and are gone.
    """
    cudnn, keeps = torch.backends.cudnn.benchmark, torch.is_autocast_cache_enabled()
    torch.clear_autocast_cache()
    torch.set_autocast_cache_enabled(False)
    torch.backends.cudnn.benchmark = True
    try:
        yield
    finally:
        torch.backends.cudnn.benchmark = cudnn
        torch.set_autocast_cache_enabled(keeps)


def _why(network: nn.Module, error: RuntimeError) -> str:
    reason = (str(error).strip() or type(error).__name__).splitlines()[0][:160]
    return f"{type(network).__name__} runs without a CUDA graph, as slow as ever ({reason})"
