"""config.json of a reconstructor to the config that rebuilds it, checked before anything is built."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any

import torch
from torch import nn

from neuroclips.errors import InputError
from neuroclips.ranges import Width, expect
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
    known = [f.name for f in fields(CONFIGS[name])]
    required = [f.name for f in fields(CONFIGS[name]) if f.default is MISSING and f.default_factory is MISSING]
    values = {k: tuple(v) if isinstance(v, list) else v for k, v in record.items()}
    _refuse_other_names(path, values, known, required)
    wanted = [p for p in inspect.signature(CONFIGS[name].build).parameters if p != "self"]
    if not isinstance(arguments, dict):
        raise InputError(f"{path}: got build {arguments!r}, expected an object of {', '.join(wanted) or 'nothing'}")
    _refuse_other_names(path, arguments, wanted, wanted)
    with sizes_of(path):
        for key, value in arguments.items():
            expect(key, value, Width)
        return CONFIGS[name](**values), arguments


def _refuse_other_names(path: Path, got, known, required) -> None:
    unknown, missing = [k for k in got if k not in known], [k for k in required if k not in got]
    if unknown or missing:
        said = [f"without {', '.join(missing)}"] * bool(missing) + [f"with {', '.join(unknown)}"] * bool(unknown)
        raise InputError(f"{path}: got a config {' and '.join(said)}, expected {', '.join(known) or 'none of these'}")


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
