"""A checkpoint of the released code, or of MindEye2, to the folders of weights and config that the pipeline loads."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable
from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import Tensor, nn

from neuroclips.disk import expect_folder
from neuroclips.errors import InputError
from neuroclips.ranges import Number, expect
from neuroclips.reconstructors import weights
from neuroclips.reconstructors.configs import on_meta, sizes_of
from neuroclips.reconstructors.placing import home, write_together
from neuroclips.reconstructors.released.files import read_tensors
from neuroclips.reconstructors.released.semantic import Condition
from neuroclips.reconstructors.released.shapes import Recipe, Shapes, perception_recipe, prior_recipe, semantic_recipe
from neuroclips.tensors import oddity

PREFIXES = {
    "perception": ("fmri.", "ridge1.", "backbone."),
    "semantic": ("ridge.", "backbone.", "clipproj."),
    "prior": ("diffusion_prior.",),
}
BLURRY = ("backbone.blin1.", "backbone.bnorm.", "backbone.b_maps_projector.", "backbone.bupsampler.")
FLOATS = (torch.float64, *weights.DTYPES.values())


@dataclass(frozen=True)
class ImportReport:
    """What was written, and which keys did not fit."""

    written: list[Path] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    odd: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    unexpected: list[str] = field(default_factory=list)
    misshaped: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        lines = [*(f"wrote {folder}" for folder in self.written), *self.notes]
        if self.unexpected:
            lines.append(f"not used, {_listed(self.unexpected)}")
        return "\n".join(lines)


def import_checkpoint(
    file: Path,
    subject: int,
    out: Path,
    condition: Condition = "projected",
    ridge_index: int = 0,
    dtype: torch.dtype | None = None,
) -> ImportReport:
    """Write out/subject{subject}/{part} for every part in the file: perception, or semantic and prior.

    `condition` names the tokens that the prior was trained on, "projected" (NeuroClips) or "backbone" (MindEye2);
    `ridge_index` picks the linear map of one subject where the file has several; `dtype` None keeps the numbers as they
    are in the file. Raises InputError, and writes nothing, when keys of a part are missing or of another shape, or hold
    anything but finite numbers; keys that no part has are reported only.
    """
    for name, value, hint in (("subject", subject, Number), ("condition", condition, Condition)):
        expect(name, value, hint)
    expect("ridge index", ridge_index, Number)
    for part in PREFIXES:
        expect_folder(home(out, subject) / part)
    tensors, report = read_tensors(Path(file)), ImportReport()
    tensors = _one_ridge(tensors, ridge_index, report)
    parts, modules = _parts(tensors, file), {}
    report.notes.extend(_doubts(parts, tensors, condition))
    used = {key: value for part in parts for key, value in tensors.items() if key.startswith(PREFIXES[part])}
    report.odd.extend(f"{key}: {kind}" for key, value in used.items() if (kind := oddity(value)))
    _refuse_faults(file, report)  # sizes of such tensors may be those of nothing
    for part in parts:
        own = {k.removeprefix("diffusion_prior."): v for k, v in tensors.items() if k.startswith(PREFIXES[part])}
        tensors = {k: v for k, v in tensors.items() if not k.startswith(PREFIXES[part])}
        with sizes_of(file):
            config, arguments = _recipe(part, own, condition)
        modules[part] = (_load(own, config, arguments, part, report, file), arguments)
    report.unexpected.extend(tensors)
    _refuse_faults(file, report)
    for part, (module, _) in modules.items():
        weights.refuse_not_finite(f"{file}: {part}", module.state_dict(), dtype)
    report.written.extend(write_together(home(out, subject), modules, dtype))
    return report


def _refuse_faults(file: Path, report: ImportReport) -> None:
    if report.odd or report.missing or report.misshaped:
        faults = [("no plain numbers", report.odd), ("missing", report.missing), ("mis-shaped", report.misshaped)]
        faults.append(("not used", report.unexpected))
        raise InputError(f"{file}: " + "; ".join(f"{name}, {_listed(keys)}" for name, keys in faults if keys))


def _one_ridge(tensors: dict[str, Tensor], index: int, report: ImportReport) -> dict[str, Tensor]:
    """Call the subject's linear map number 0 and put aside those of other subjects."""
    ridges = {key: match for key in tensors if (match := re.match(r"(ridge1?\.linears\.)(\d+)(\..*)", key))}
    known = sorted({int(match[2]) for match in ridges.values()})
    if known and index not in known:
        raise InputError(f"got ridge index {index}, expected one of {', '.join(map(str, known))}: the file's linears")
    kept = {key: value for key, value in tensors.items() if key not in ridges}
    for key, match in ridges.items():
        if int(match[2]) == index:
            kept[f"{match[1]}0{match[3]}"] = tensors[key]
        else:
            report.unexpected.append(key)
    return kept


def _parts(tensors: dict[str, Tensor], file: Path) -> list[str]:
    """Which reconstructors there are; both call their own network "backbone"."""
    first = {key.split(".")[0] for key in tensors}
    brain = "perception" if first & {"fmri", "ridge1"} else "semantic" if first & {"ridge", "backbone"} else None
    parts = [part for part in (brain, "prior" if "diffusion_prior" in first else None) if part]
    if not parts:
        expected = "fmri, ridge1 and backbone, or ridge and backbone, or diffusion_prior"
        raise InputError(f"{file}: got keys under {', '.join(sorted(first)[:5])}, expected {expected}")
    return parts


def _doubts(parts: Container[str], keys: Iterable[str], condition: Condition) -> list[str]:
    """What the file looks like and the caller did not say, and what of it no reconstruction uses."""
    doubts = []
    if "semantic" in parts and "clipproj.proj" not in keys and condition == "projected":
        doubts.append(
            "no clipproj.proj in the file, as in MindEye2's: its prior needs condition backbone, got projected"
        )
    if blurry := [key for key in keys if "semantic" in parts and key.startswith(BLURRY)]:
        doubts.append(f"kept, not used by reconstruct, MindEye2's blurry image, {_listed(blurry, 1)}")
    return doubts


def _recipe(part: str, own: dict[str, Tensor], condition: Condition) -> Recipe:
    shapes = {key: tuple(value.shape) for key, value in own.items()}
    recipes = {"perception": perception_recipe, "prior": prior_recipe}
    return recipes[part](shapes) if part in recipes else semantic_recipe(shapes, condition)


def _load(own: dict[str, Tensor], config, arguments, part: str, report: ImportReport, file: Path) -> nn.Module:
    """The part's network with the file's own tensors, none of them copied, unless the report says what is wrong."""
    module = on_meta(f"{file}: {part}", config, arguments)
    prefix, wanted = "diffusion_prior." if part == "prior" else "", module.state_dict()
    expected = {key: tuple(value.shape) for key, value in wanted.items()}
    report.unexpected.extend(prefix + key for key in own if key not in expected)
    missing = [prefix + key for key in expected if key not in own]
    report.missing.extend(missing)
    kinds = {key: own[key].dtype for key in expected if key in own and wanted[key].is_floating_point()}
    report.odd.extend(f"{prefix}{key}: {kind}" for key, kind in kinds.items() if kind not in FLOATS)
    if not missing:  # else the sizes cannot be told
        report.misshaped.extend(_misshaped(own, expected, prefix))
    if not (report.missing or report.misshaped or report.odd):
        try:
            module.load_state_dict({key: own[key] for key in expected}, assign=True)
        except RuntimeError as error:  # tables that are not the released ones
            raise InputError(f"{file}: {part}: {' '.join(str(error).split())}") from error
    return module


def _misshaped(own: dict[str, Tensor], expected: Shapes, prefix: str) -> list[str]:
    got = {key: tuple(own[key].shape) for key in expected}
    return [f"{prefix}{key}: got {got[key]}, expected {shape}" for key, shape in expected.items() if got[key] != shape]


def _listed(keys: list[str], most: int = 6) -> str:
    more = f" and {len(keys) - most} more" if len(keys) > most else ""
    return f"{len(keys)} {'key' if len(keys) == 1 else 'keys'}: {', '.join(keys[:most])}{more}"
