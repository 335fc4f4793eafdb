"""Parts of a subject to their folders: all of them or none."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

import torch
from torch import nn

from neuroclips.errors import InputError
from neuroclips.reconstructors import weights


def home(out: Path, subject: int) -> Path:
    """The folder of a subject."""
    return Path(out) / f"subject{subject}"


def refuse_no_folder(subject: int, *folders: Path) -> None:
    """Raises InputError for a subject that has no number, or when a file is where a folder should be."""
    if subject < 0:
        raise InputError(f"got subject {subject}, expected 0 or more")
    for folder in folders:
        for path in (folder, *folder.parents):
            if path.exists() and not path.is_dir():
                raise InputError(f"{path}: got a file, expected a folder for weights: choose another --out")


def write_together(
    folder: Path, parts: Mapping[str, tuple[nn.Module, dict[str, int]]], dtype: torch.dtype | None
) -> list[Path]:
    """Write folder/{part} of every module with its arguments of build; those of an earlier import are replaced."""
    top = next(path for path in (folder, *folder.parents) if path.exists())
    partial = top / f".part-{os.getpid()}-{folder.name}"
    try:
        for part, (module, arguments) in parts.items():
            weights.save(module, partial / part, dtype, **arguments)
        for part in parts:
            (folder / part).mkdir(parents=True, exist_ok=True)
            for file in (partial / part).iterdir():
                file.replace(folder / part / file.name)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return [folder / part for part in parts]
