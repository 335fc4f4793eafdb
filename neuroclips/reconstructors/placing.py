"""Parts of a subject to their folders: all of them or none."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

import torch
from torch import nn

from neuroclips.files import unfinished, whole_files
from neuroclips.reconstructors import weights


def home(out: Path, subject: int) -> Path:
    """The folder of a subject."""
    return Path(out) / f"subject{subject}"


def write_together(
    folder: Path, parts: Mapping[str, tuple[nn.Module, dict[str, int]]], dtype: torch.dtype | None
) -> list[Path]:
    """Write folder/{part} of every module with its arguments of build; those of an earlier import are replaced."""
    top = next(path for path in (folder, *folder.parents) if path.exists())
    partial = unfinished(top, folder.name)
    try:
        for part, (module, arguments) in parts.items():
            weights.save(module, partial / part, dtype, **arguments)
        for part in parts:  # from here on, those of an earlier import are no more
            (folder / part / "config.json").unlink(missing_ok=True)
        for part in parts:
            with whole_files(folder / part, last="config.json", gone=("training.json",)) as new:
                for file in (partial / part).iterdir():
                    file.replace(new / file.name)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return [folder / part for part in parts]
