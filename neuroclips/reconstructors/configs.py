"""config.json of a reconstructor to the config that rebuilds it, checked before anything is built."""

from __future__ import annotations

import inspect
import types
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any, Union, get_args, get_origin, get_type_hints

import torch
from torch import nn

from neuroclips.errors import InputError
from neuroclips.reading import read_json
from neuroclips.reconstructors.fusion import FusionConfig
from neuroclips.reconstructors.linear import LinearConfig
from neuroclips.reconstructors.perception import PerceptionConfig
from neuroclips.reconstructors.prior import PriorConfig
from neuroclips.reconstructors.projector import ProjectorConfig
from neuroclips.reconstructors.released import ReleasedPerceptionConfig, ReleasedPriorConfig, ReleasedSemanticConfig
from neuroclips.reconstructors.semantic import SemanticConfig

OURS = (SemanticConfig, PriorConfig, PerceptionConfig, LinearConfig, ProjectorConfig, FusionConfig)
KNOWN = (*OURS, ReleasedSemanticConfig, ReleasedPriorConfig, ReleasedPerceptionConfig)
CONFIGS: dict[str, Any] = {c.__name__: c for c in KNOWN}

Shapes = Mapping[str, tuple[int, ...]]
REPEATED = ("n_blocks", "depth", "projector_layers")  # fields that count layers, each of which has tensors
ON_AN_AXIS = ("n_timesteps", "n_voxels")  # sizes that some tensor has


def read_config(path: Path) -> tuple[Any, dict[str, int]]:
    """The config in config.json and the arguments of its build. Raises InputError for what no config could be."""
    record = read_json(path)
    name, arguments = record.pop("config", None), record.pop("build", None)
    if not isinstance(name, str) or name not in CONFIGS:
        raise InputError(f"{path}: got config {name!r}, expected one of: {', '.join(CONFIGS)}")
    hints = get_type_hints(CONFIGS[name])
    required = [f.name for f in fields(CONFIGS[name]) if f.default is MISSING and f.default_factory is MISSING]
    values = {k: tuple(v) if isinstance(v, list) else v for k, v in record.items()}
    _refuse_other_names(path, values, hints, required)
    for key, value in values.items():
        if not fits(value, hints[key]):
            raise InputError(f"{path}: got {key} {value!r}, expected {_name(hints[key])}")
    wanted = [p for p in inspect.signature(CONFIGS[name].build).parameters if p != "self"]
    if not isinstance(arguments, dict):
        raise InputError(f"{path}: got build {arguments!r}, expected an object of {', '.join(wanted) or 'nothing'}")
    _refuse_other_names(path, arguments, wanted, wanted)
    for key, value in arguments.items():
        if not fits(value, int) or value < 1:
            raise InputError(f"{path}: got {key} {value!r}, expected 1 or more")
    with sizes_of(path):
        return CONFIGS[name](**values), arguments


def _refuse_other_names(path: Path, got, known, required) -> None:
    unknown, missing = [k for k in got if k not in known], [k for k in required if k not in got]
    if unknown or missing:
        said = [f"without {', '.join(missing)}"] * bool(missing) + [f"with {', '.join(unknown)}"] * bool(unknown)
        raise InputError(f"{path}: got a config {' and '.join(said)}, expected {', '.join(known) or 'none of these'}")


def fits(value: object, hint: Any) -> bool:
    """Whether a value is of an annotated type; an int is a float too, a bool is neither."""
    if get_origin(hint) in (Union, types.UnionType):
        return any(fits(value, one) for one in get_args(hint))
    if get_origin(hint) is tuple:
        return isinstance(value, tuple) and all(fits(one, get_args(hint)[0]) for one in value)
    if isinstance(value, bool) or hint is bool:
        return isinstance(value, bool) and hint is bool
    return isinstance(value, (int, float) if hint is float else hint)


def _name(hint: Any) -> str:
    return str(getattr(hint, "__name__", hint) if not get_args(hint) else hint)


@contextmanager
def sizes_of(where: object) -> Iterator[None]:
    """Sizes that make no network are one line that names where they are from, whatever the library says."""
    try:
        yield
    except InputError as error:
        raise InputError(f"{where}: {error}") from error
    except Exception as error:  # libraries raise many kinds
        reason = (str(error).strip() or type(error).__name__).splitlines()[0][:120]
        raise InputError(f"{where}: got sizes that make no network ({reason}), expected those of one") from error


def refuse_claims(path: Path, config: Any, arguments: Mapping[str, int], shapes: Shapes) -> None:
    """Raises InputError for sizes that a file of these tensors cannot have: what they need is never built."""
    longest = max((n for shape in shapes.values() for n in shape), default=0)
    n_values = sum(torch.Size(shape).numel() for shape in shapes.values())
    for key, value in {**vars(config), **arguments}.items():
        most = len(shapes) if key in REPEATED else longest if key in ON_AN_AXIS else n_values
        for one in value if isinstance(value, tuple) else (value,):
            if isinstance(one, int) and one > most:
                raise InputError(f"{path}: got {key} {one:,}, expected at most {most:,}, by the weights beside it")


def on_meta(where: object, config: Any, arguments: Mapping[str, int]) -> nn.Module:
    """The network without room for its weights. Raises InputError for sizes that make none."""
    with sizes_of(where), torch.device("meta"):
        return config.build(**arguments)
