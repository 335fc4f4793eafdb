"""Models that take turns on a device which does not hold all of them: weights come when a model runs, and go after it.

Between turns the weights lie in the main memory, and each parameter is a number that is none (NaN) at every place, so
that nobody computes with a model that is not there; it says that it is on the device, for libraries ask a model's first
parameter where their inputs go. Buffers, which are small, stay on the device. The weights are frozen, so nothing is
copied back.

The hooks of accelerate and diffusers do the same for `forward` alone; frozen models here are asked in other ways, too:
for words, tokens, latents, or a projection that is a parameter and no layer.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import wraps
from typing import Protocol

import torch
from torch import Tensor, nn

# called as a whole, or reading weights of layers inside without calling them
LEAVES = (nn.TransformerEncoder, nn.MultiheadAttention, nn.Linear, nn.Embedding, nn.modules.conv._ConvNd)


class Lent:
    """Weights that are on the device together or not at all."""

    def __init__(self, weights: Iterable[Tensor]):
        self.held = [(weight, weight.data) for weight in weights]
        self.n_bytes = sum(own.numel() * own.element_size() for _, own in self.held)
        self.users = 0

    def lend(self, device: torch.device) -> None:
        """Bring the weights there; all of them go again where they find no room."""
        try:
            for weight, own in self.held:
                weight.data = own.to(device)
        except BaseException:
            self.park(device)
            raise

    def park(self, device: torch.device) -> None:
        for weight, own in self.held:
            weight.data = _none_like(own, device)


def _none_like(own: Tensor, device: torch.device) -> Tensor:
    value = torch.nan if own.is_floating_point() else 0
    return torch.full((), value, dtype=own.dtype, device=device).expand(own.shape)  # one number, whatever the shape


def _give_back(device: torch.device) -> None:
    """Let the next model have what a parked one had: what is small would settle there, and 6.5 GiB find no room."""
    if device.type == "cuda":
        torch.cuda.empty_cache()


class Placing(Protocol):
    """How models get to a device and away from it."""

    device: torch.device

    def add(self, model: nn.Module) -> None: ...

    def turn(self, model: nn.Module) -> AbstractContextManager[None]: ...


class InTurn:
    """Whole models, of which those stay on the device that ran last and find room there."""

    def __init__(self, device: torch.device, room: int = 0):
        """room : [bytes] for weights of all models; one that is larger is there alone."""
        self.device, self.room = device, room
        self._lents: dict[nn.Module, Lent] = {}
        self._there: OrderedDict[nn.Module, Lent] = OrderedDict()
        self._lock = threading.RLock()

    def add(self, model: nn.Module) -> None:
        _buffers_to(model, self.device)
        self._lents[model] = lent = Lent(_unique(weight for _, weight in own_parameters(model)))
        lent.park(self.device)

    @contextmanager
    def turn(self, model: nn.Module) -> Iterator[None]:
        lent = self._lents[model]
        with self._lock:
            if model not in self._there:
                self._make_room(lent.n_bytes)
                lent.lend(self.device)
            lent.users += 1  # of weights that came
            self._there[model] = lent
            self._there.move_to_end(model)
        try:
            yield
        finally:
            with self._lock:
                lent.users -= 1

    def _make_room(self, n_bytes: int) -> None:
        """Park models that are idle, the one that ran longest ago first, until so many more bytes fit."""
        for model in [model for model, lent in self._there.items() if not lent.users]:
            if sum(lent.n_bytes for lent in self._there.values()) + n_bytes <= self.room:
                return
            self._there.pop(model).park(self.device)
            _give_back(self.device)


class ByLayer:
    """Layer after layer: little is on the device at a time, and every run brings all weights there once more."""

    def __init__(self, device: torch.device):
        self.device, self._lock = device, threading.RLock()

    def add(self, model: nn.Module) -> None:
        _buffers_to(model, self.device)
        layers = list(_layers(model))
        lents = [Lent(_unique(layer.parameters())) for layer in layers]  # first all: some share weights
        moving = {id(weight) for lent in lents for weight, _ in lent.held}
        for _, weight in own_parameters(model):
            if id(weight) not in moving:
                weight.data = weight.data.to(self.device)
        for layer, lent in zip(layers, lents, strict=True):
            lent.park(self.device)
            layer.register_forward_pre_hook(lambda *_, lent=lent: self._come(lent))
            layer.register_forward_hook(lambda *_, lent=lent: self._go(lent), always_call=True)

    def turn(self, model: nn.Module) -> AbstractContextManager[None]:
        return nullcontext()

    def _come(self, lent: Lent) -> None:
        with self._lock:  # two threads may be in the same layer
            lent.users += 1
            if lent.users == 1:
                lent.lend(self.device)

    def _go(self, lent: Lent) -> None:
        with self._lock:
            lent.users -= 1
            if not lent.users:
                lent.park(self.device)


def own_parameters(model: nn.Module) -> Iterator[tuple[str, Tensor]]:
    """Parameters of a model by name, without those of models inside it that were placed by themselves."""
    for name, module in _own_modules(model):
        for last, weight in module._parameters.items():
            if weight is not None:
                yield f"{name}{last}", weight


def _own_modules(module: nn.Module, name: str = "") -> Iterator[tuple[str, nn.Module]]:
    yield name, module
    for child_name, child in module.named_children():
        if placing_of(child) is None:
            yield from _own_modules(child, f"{name}{child_name}.")


def _layers(module: nn.Module) -> Iterator[nn.Module]:
    if isinstance(module, LEAVES):
        yield module
        return
    for child in module.children():
        if placing_of(child) is None:
            yield from _layers(child)


def _unique(weights: Iterable[Tensor]) -> list[Tensor]:
    return list({id(weight): weight for weight in weights}.values())


def _buffers_to(model: nn.Module, device: torch.device) -> None:
    for _, module in _own_modules(model):
        for buffer in module._buffers.values():
            if buffer is not None:
                buffer.data = buffer.data.to(device)


def place(model: nn.Module, placing: Placing) -> None:
    """From now on the model runs as `placing` says."""
    placing.add(model)
    model.__dict__["placing"] = placing


def placing_of(model: nn.Module) -> Placing | None:
    """What a model was placed by; None for one that stays where it is."""
    return model.__dict__.get("placing")


def turn(model: nn.Module) -> AbstractContextManager[None]:
    """Inside the block the model can run."""
    placing = placing_of(model)
    return placing.turn(model) if placing else nullcontext()


def device_of(model: nn.Module) -> torch.device:
    """Where a model runs."""
    placing = placing_of(model)
    return placing.device if placing else next(model.parameters()).device


def takes_turns(method: Callable) -> Callable:
    """Mark a method that begins with another model and takes the turn of its own by itself."""
    vars(method)["takes_turns"] = True
    return method


def in_turn(method: Callable) -> Callable:
    """Let a method of a model run in the turn of its model, unless it takes turns by itself."""
    if vars(method).get("takes_turns"):
        return method

    @wraps(method)
    def taken(self, *args, **kwargs):
        with turn(self):
            return method(self, *args, **kwargs)

    return taken
