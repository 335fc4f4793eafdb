"""Weights of a reconstructor travel with the JSON that rebuilds it; loading checks that the two agree."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from neuroclips.disk import naming_the_disk
from neuroclips.errors import InputError, MissingError
from neuroclips.files import whole_files, write_json
from neuroclips.reconstructors.configs import Shapes, on_meta, read_config, refuse_claims, sizes_of
from neuroclips.tensors import is_finite, read_safetensors, shapes_in

DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}


def dtype_named(name: str) -> torch.dtype:
    """A dtype for files of weights. Raises InputError with those that there are."""
    if name not in DTYPES:
        raise InputError(f"got dtype {name!r}, expected one of: {', '.join(DTYPES)}")
    return DTYPES[name]


def save(module: nn.Module, folder: Path, dtype: torch.dtype | None = None, **arguments: int) -> None:
    """Write weights and config.json, both or none; `arguments` are those of the config's build, such as n_voxels.

    dtype : of the numbers in the file; None leaves each as it is. Raises InputError, and writes nothing, for numbers
    that are not finite or that the dtype cannot hold.
    """
    state = module.state_dict()
    refuse_not_finite(folder, state, dtype)
    tensors = {name: _as(value.cpu(), dtype).contiguous() for name, value in state.items()}
    config: Any = module.config
    record = {"config": type(config).__name__, **asdict(config), "build": arguments}
    with whole_files(folder, last="config.json") as new:
        with naming_the_disk(folder / "model.safetensors"):
            save_file(_unshared(tensors), new / "model.safetensors")
        write_json(new / "config.json", record)


def refuse_not_finite(where: object, state: Mapping[str, Tensor], dtype: torch.dtype | None = None) -> None:
    """Raises InputError for weights that are not finite, or not any more in `dtype`; None is float32, as loaded."""
    for name, value in state.items():
        if not value.is_floating_point() or is_finite(value, dtype or torch.float32):
            continue
        if not is_finite(value):
            raise InputError(f"{where}: got numbers in {name} that are not finite, expected finite ones: make it again")
        kind = dtype or torch.float32
        raise InputError(
            f"{where}: got numbers in {name} beyond {torch.finfo(kind).max:.6g}, the largest of "
            f"{str(kind).removeprefix('torch.')}, expected smaller ones{': take bfloat16' * (kind == torch.float16)}"
        )


def _as(value: Tensor, dtype: torch.dtype | None) -> Tensor:
    return value.to(dtype) if dtype and value.is_floating_point() else value


def _unshared(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """A copy of every tensor that lies in the memory of another one: safetensors keeps each apart."""
    seen, own = set(), {}
    for name, value in tensors.items():
        place = value.untyped_storage().data_ptr()
        own[name] = value.clone() if place in seen else value
        seen.add(place)
    return own


def load(
    folder: str | Path, *, subfolder: str | None = None, revision: str | None = None, dtype: torch.dtype = torch.float32
) -> Any:
    """A frozen reconstructor of the class that config.json names, in `dtype` whatever is in the file; the hub has none.

    Raises MissingError when it is not there, InputError when config and weights do not agree, which is seen before
    anything is built, or when a weight is not finite.
    """
    folder = Path(folder, subfolder or "")
    if not (folder / "config.json").exists():
        if (folder / "model.safetensors").exists():
            raise MissingError(f"no config.json beside model.safetensors in {folder}, expected both: copy it there")
        raise MissingError(f"no reconstructor in {folder}: train it with python -m neuroclips train")
    config, arguments = read_config(folder / "config.json")
    file, shapes = folder / "model.safetensors", shapes_in(folder / "model.safetensors")
    refuse_claims(folder / "config.json", config, arguments, shapes)
    expected = on_meta(folder / "config.json", config, arguments).state_dict()
    _refuse_other_shapes(file, shapes, {name: tuple(value.shape) for name, value in expected.items()})
    state = read_safetensors(file)
    _refuse_other_kinds(file, state, expected)
    refuse_not_finite(file, state, dtype)
    module = config.build(**arguments)
    with sizes_of(file):
        module.load_state_dict(state)
    return module.to(dtype).eval().requires_grad_(False)


def _refuse_other_shapes(file: Path, got: Shapes, expected: Shapes) -> None:
    wrong = [f"no {name}" for name in expected if name not in got]
    wrong += [f"an unknown {name}" for name in got if name not in expected]
    both = [name for name in got if name in expected]
    wrong += [f"{name} of shape {got[name]} for {expected[name]}" for name in both if got[name] != expected[name]]
    if wrong:
        more = f" and {len(wrong) - 3} more" if len(wrong) > 3 else ""
        raise InputError(f"{file}: got {', '.join(wrong[:3])}{more}, expected the weights that config.json describes")


def _refuse_other_kinds(file: Path, got: Mapping[str, Tensor], expected: Mapping[str, Tensor]) -> None:
    for name, value in got.items():
        if value.is_floating_point() != expected[name].is_floating_point() or value.is_complex():
            kinds = (str(one.dtype).removeprefix("torch.") for one in (value, expected[name]))
            raise InputError("{0}: got {1} for {3}, expected {2}".format(file, *kinds, name))


def n_parameters(config, **arguments: int) -> int:
    """Parameters of what `config.build(**arguments)` makes, without making room for them."""
    return sum(p.numel() for p in on_meta(type(config).__name__, config, arguments).parameters())
