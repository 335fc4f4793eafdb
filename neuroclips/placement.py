"""Where a zoo computes: the device, in which numbers, and how models share its memory."""

from __future__ import annotations

import os
import warnings
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import psutil
import torch

from neuroclips.budget import Choice, Memory, chosen, of_accelerator
from neuroclips.errors import InputError
from neuroclips.once import loaded_once
from neuroclips.parts import Part, Zoo
from neuroclips.pretrained.base import Frozen
from neuroclips.pretrained.graphs import SPEEDS, quicken
from neuroclips.pretrained.precision import has_bfloat16
from neuroclips.ranges import shown
from neuroclips.reconstructors.weights import dtype_named
from neuroclips.turns import ByLayer, InTurn, Placing, place
from neuroclips.video_models import abilities


@dataclass(frozen=True)
class Placement:
    """A device, the dtype of weights, and a memory mode: "whole", "in turn" or "layers" (neuroclips/turns.py).

    mixed : whether float32 weights are computed in bfloat16 where the device has it. room : [bytes] on the device for
    models that take turns. slices, tiles : whether autoencoders take one picture at a time, and in parts. speed : how
    denoising networks are called (pretrained/graphs.py), "" as ever.
    """

    device: torch.device
    dtype: torch.dtype = torch.float32
    memory: Memory = "whole"
    mixed: bool = True
    room: int = 0
    slices: bool = False
    tiles: bool = False
    speed: str = ""

    def dtype_of(self, part: Part) -> torch.dtype:
        """What the weights of a part are kept in: float32 where float16 overflows."""
        return torch.float32 if part.overflows and self.dtype == torch.float16 else self.dtype

    @property
    def of_judges(self) -> Placement:
        """That of the models that score: scores of one film are the same whatever made it."""
        return replace(self, dtype=torch.float32, speed="")

    def of_reconstructor(self, role: str) -> Placement:
        """That of a subject's model: float32, but for one with a layer so large that it fits in half precision only."""
        return self if self.memory == "layers" and role == "semantic" else replace(self, dtype=torch.float32, speed="")

    def put(self, model: Any) -> Any:
        """The model, frozen, where it runs or ready to take its turn there; once for each model."""
        if self.slices or self.tiles:
            _sliced(model, self.slices, self.tiles)
        if isinstance(model, Frozen) and not self.mixed:
            model.mixes_bfloat16 = False
        if self.memory == "whole":
            model.to(self.device)
            if self.speed:
                quicken(model, self.speed == "compiled")
        else:
            place(model, _placing(self.device, self.memory, self.room))
        return model.eval().requires_grad_(False)


@cache
def _placing(device: torch.device, memory: Memory, room: int = 0) -> Placing:
    """One for all models that share a device."""
    return InTurn(device, room) if memory == "in turn" else ByLayer(device)


def _sliced(model: Any, slices: bool, tiles: bool) -> None:
    for module in model.modules():
        if slices and hasattr(module, "enable_slicing"):
            module.enable_slicing()
        if tiles and hasattr(module, "enable_tiling"):
            module.enable_tiling()


def best_device() -> torch.device:
    """The accelerator where there is one, else the CPU."""
    found = torch.accelerator.current_accelerator() if torch.accelerator.is_available() else None
    return found or torch.device("cpu")


@loaded_once
def placement_of(
    zoo: Zoo,
    device: str | None = None,
    dtype: str | None = None,
    memory: str | None = None,
    speed: str | None = None,
    roles: tuple[str, ...] = (),
) -> Placement:
    """Where a zoo computes: as asked, and else on the best device, in its best dtype, in the fastest mode that fits.

    A small zoo is whole and in float32 unless asked. What is free is looked at once, before models are loaded. roles :
    that run; none are those of the zoo's own settings. Other roles may get another mode in the same process: models
    that both run are loaded once for each, so ask for a mode where two kinds of settings share a large zoo. Raises
    InputError for a device, a dtype, a mode or a speed that there is not.
    """
    place = device_named(device)
    kind = dtype or _best_dtype(zoo, place)
    weights = _expect_computable(dtype_named(kind), place)
    choice = choice_of(zoo, place, kind, memory, roles)
    how = _expect_speed(speed, place, choice.memory)
    _warn_of_the_slow(how, roles)
    frugal = place.type != "cpu"  # the main memory needs no slices
    return Placement(
        place,
        weights,
        choice.memory,
        mixed=dtype is None,
        room=int(choice.room * 1e9) if frugal else 0,
        slices=choice.slices and frugal,
        tiles=choice.tiles and frugal,
        speed=how,
    )


def choice_of(
    zoo: Zoo, device: torch.device, dtype: str, memory: str | None = None, roles: tuple[str, ...] = ()
) -> Choice:
    """The memory mode on a device as it was when it was first looked at."""
    usual = "whole" if device.type == "cpu" or not zoo.is_large else None
    return chosen(zoo, _free_at_first(device), dtype, memory or usual, roles)


def told(zoo: Zoo, placement: Placement, roles: tuple[str, ...] = ()) -> str:
    """In one line: device, dtype, memory mode and attention."""
    name = torch.cuda.get_device_name(placement.device) if placement.device.type == "cuda" else ""
    where = f"{placement.device}{f' ({name})' if name else ''}"
    choice = choice_of(zoo, placement.device, _name(placement.dtype), placement.memory, roles)
    memory, how = choice.told(placement.slices), f", speed {placement.speed}" * bool(placement.speed)
    return f"zoo {zoo.name} on {where}: {_name(placement.dtype)}, {memory}, attention by torch SDPA{how}"


def device_named(name: str | None) -> torch.device:
    """The device of a name such as "cuda:1"; None is the best. Raises InputError with those that there are.

    Of several processes that one launcher started, the best is the accelerator of a process's number, which accelerate
    takes, too.
    """
    if name is None:
        return _of_process(best_device())
    known = devices()
    try:
        device = torch.device(name)
    except RuntimeError:
        device = None
    if device is None or not (name in known or (device.index is None and f"{device.type}:0" in known)):
        raise InputError(f"got device {shown(name)}, expected one of: {', '.join(known)}")
    return device


def _of_process(best: torch.device) -> torch.device:
    if best.type == "cpu" or int(os.environ.get("WORLD_SIZE", 1)) == 1 or "LOCAL_RANK" not in os.environ:
        return best
    return torch.device(best.type, int(os.environ["LOCAL_RANK"]) % torch.accelerator.device_count())


def devices() -> list[str]:
    """Names of all devices that torch can compute on here."""
    kind = best_device().type
    count = torch.accelerator.device_count() if kind != "cpu" else 0
    return ["cpu", *(f"{kind}:{i}" for i in range(count))]


def free_on(device: torch.device) -> float:
    """Memory that is free on a device, in [GB]; where it cannot be asked, that of the machine."""
    if device.type == "cuda":
        return torch.cuda.mem_get_info(device)[0] / 1e9
    return psutil.virtual_memory().available / 1e9


_free_at_first = cache(free_on)  # later it is full of our own models


def _best_dtype(zoo: Zoo, device: torch.device) -> str:
    if not zoo.is_large or device.type == "cpu":
        return "float32"
    return of_accelerator(has_bfloat16(device.type))


def _expect_computable(dtype: torch.dtype, device: torch.device) -> torch.dtype:
    if dtype == torch.float16 and device.type == "cpu":
        raise InputError("got dtype float16 on the device cpu, expected float32 or bfloat16: it is for accelerators")
    return dtype


def _expect_speed(speed: str | None, device: torch.device, memory: Memory) -> str:
    if speed is None:
        return ""
    if speed not in SPEEDS:
        raise InputError(f"got speed {shown(speed)}, expected one of: {', '.join(SPEEDS)}")
    if device.type != "cuda" or memory != "whole":
        raise InputError(
            f"got speed {speed} on the device {device.type} with memory {memory!r}, expected a CUDA device that holds "
            "all models: leave it out"
        )
    return speed


def _warn_of_the_slow(speed: str, roles: tuple[str, ...]) -> None:
    """Warn of video models that no speed makes faster; keyframes are."""
    names = [name for role in roles if (name := role.removeprefix("video/")) != role]
    for name in (name for name in names if speed and not abilities(name).quickened):
        warnings.warn(f"speed {speed} is for keyframes and AnimateDiff: films of {name} take as long", stacklevel=2)


def _name(dtype: torch.dtype) -> str:
    return str(dtype).removeprefix("torch.")
