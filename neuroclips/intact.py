"""Whether a folder of a frozen model holds what it should: seen by its own files before a library reads them."""

from __future__ import annotations

from pathlib import Path

from torch import nn

from neuroclips.errors import InputError
from neuroclips.reading import read_json
from neuroclips.tensors import is_finite, shapes_in
from neuroclips.turns import own_parameters

OBJECTS = ("*config.json", "*.index.json", "tokenizer.json", "vocab.json")


def refuse_damaged(folder: Path) -> None:
    """Raises InputError that names the first file below `folder` which is cut, empty or a pointer of git-lfs."""
    for pattern in OBJECTS:
        for path in sorted(folder.rglob(pattern)):
            read_json(path)
    for path in sorted(folder.rglob("*.safetensors")):
        shapes_in(path)


def refuse_unfilled(folder: Path, model: nn.Module) -> None:
    """Raises InputError for a model with a weight that its files did not have, or that is not finite."""
    for name, value in own_parameters(model):
        if value.is_meta:  # where diffusers leaves what it did not find
            raise InputError(f"{folder}: got weights without {name}, expected all of its config: fetch both again")
        if not is_finite(value):
            raise InputError(
                f"{folder}: got numbers in {name} that are not finite, expected finite ones: fetch it again"
            )
