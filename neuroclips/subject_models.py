"""The three reconstructors of a subject: from a folder of your own, from a zoo, and from which of them each came."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import torch

from neuroclips.errors import InputError, MissingError
from neuroclips.files import sha256_of
from neuroclips.placement import Placement
from neuroclips.reading import read_json
from neuroclips.reconstructors import weights
from neuroclips.reconstructors.perception import PerceptionReconstructor
from neuroclips.reconstructors.prior import DiffusionPrior
from neuroclips.reconstructors.semantic import SemanticReconstructor
from neuroclips.zoo import RECONSTRUCTORS, Zoo

BESIDE = ("linear",)  # what training may put beside the reconstructors
CLASSES = {
    "perception": ("PerceptionConfig", "ReleasedPerceptionConfig", "LinearConfig"),
    "semantic": ("SemanticConfig", "ReleasedSemanticConfig", "LinearConfig"),
    "prior": ("PriorConfig", "ReleasedPriorConfig"),
}
N_AXES = {"perception": 4, "semantic": 2}  # of what the linear baseline decodes in their place


@dataclass(frozen=True)
class SubjectModels:
    """The reconstructors of one subject; origins say of each role where it is "from" and the "sha256" of its file."""

    perception: PerceptionReconstructor
    semantic: SemanticReconstructor
    prior: DiffusionPrior
    origins: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def load_subject(zoo: Zoo, subject: int, own: Path | None, place: Placement | torch.device | str) -> SubjectModels:
    """The three reconstructors of a subject, each from `own` where it is there, else from the zoo.

    place : where they compute, or a device. Raises InputError for folders that are none of these or not what they are
    called, and for parts that do not fit.
    """
    placement = place if isinstance(place, Placement) else Placement(torch.device(place))
    homes = {role: zoo.part(role).of(subject).folder for role in RECONSTRUCTORS}
    if own is None and not homes["semantic"].parent.parent.is_dir():
        raise MissingError(
            f"zoo {zoo.name} comes without reconstructors: train them, neuroclips train --zoo {zoo.name} --stage "
            "perception (then semantic and prior), and pass their folder by --reconstructors"
        )
    _expect_subject(own or homes["semantic"].parent.parent, subject)
    mine = found_in(own / f"subject{subject}") if own else {}
    placed = {role: placement.of_reconstructor(role) for role in homes}
    models = {role: _load(role, mine.get(role, home), placed[role].dtype) for role, home in homes.items()}
    _expect_to_fit(models["semantic"], models["prior"])
    origins = {role: _origin(mine.get(role), home, zoo) for role, home in homes.items()}
    _warn_of_another_semantic(mine.get("prior", homes["prior"]), origins["semantic"]["sha256"])
    return SubjectModels(**{role: placed[role].put(model) for role, model in models.items()}, origins=origins)


def found_in(home: Path) -> dict[str, Path]:
    """The reconstructors in a subject's folder by role. Raises InputError for none, and for names that are misspelt."""
    missing = [role for role in RECONSTRUCTORS if role not in {path.name for path in home.iterdir()}]
    for name in others_in(home):
        if meant := get_close_matches(name.lower(), missing, 1):
            raise InputError(f"{home}: got {name}, expected {', '.join(RECONSTRUCTORS)}: call it {meant[0]}")
    if len(missing) == len(RECONSTRUCTORS):
        raise MissingError(f"no {', '.join(RECONSTRUCTORS)} in {home}, expected one of them or more")
    found = {role: home / role for role in RECONSTRUCTORS if role not in missing}
    for folder in found.values():
        if not folder.is_dir():
            raise InputError(f"{folder}: got no folder, expected one of config.json and model.safetensors")
    return found


def others_in(home: Path) -> list[str]:
    """What lies in a subject's folder and is no reconstructor."""
    known = (*RECONSTRUCTORS, *BESIDE)
    return sorted(path.name for path in home.iterdir() if path.name not in known and not path.name.startswith("."))


def told(own: Path, zoo: str, subject: int, origins: Mapping[str, Mapping[str, str]]) -> str:
    """What a folder of one's own lacks or has that is not used, in a line; empty where all three are from there."""
    home, shipped = own / f"subject{subject}", f"zoo {zoo}"
    lacking = [role for role, origin in origins.items() if origin["from"] == shipped]
    if not lacking:
        return ""
    beside = f" (not used: {', '.join(others)})" if (others := others_in(home)) else ""
    which = "that" if len(lacking) == 1 else "those"
    apart = ("semantic" in lacking) != ("prior" in lacking)
    doubt = "; a prior decodes best the semantic reconstructor that it was trained on" if apart else ""
    return f"{home} has no {', '.join(lacking)}: {which} of {shipped} used{beside}{doubt}"


def _load(role: str, folder: Path, dtype: torch.dtype) -> Any:
    model = weights.load(folder, dtype=dtype)
    name, axes = type(model.config).__name__, len(getattr(model.config, "shape", ()))
    if name not in CLASSES[role] or axes not in (0, N_AXES.get(role, 0)):
        raise InputError(f"{folder}: got a {name}, expected weights of one of: {', '.join(CLASSES[role])}")
    return model


def _expect_to_fit(semantic: Any, prior: Any) -> None:
    """Raises InputError when the brain tokens are of another shape than those that the prior reads."""
    got, config = tuple(semantic.centre.shape), prior.config
    expected = (config.n_tokens, getattr(config, "clip_dim", getattr(config, "dim", 0)))
    if got != expected:
        raise InputError(
            f"got a semantic reconstructor of tokens {got} and a prior of tokens {expected}, expected the same: train "
            "or import both, or take the zoo that they were made for"
        )


def _warn_of_another_semantic(prior: Path, semantic: str) -> None:
    """Warn of a prior that was trained on the brain tokens of another semantic reconstructor, if its record says so."""
    record = prior / "training.json"
    beside = read_json(record).get("trained beside") if record.exists() else None
    if isinstance(beside, dict) and beside.get("semantic", semantic) != semantic:
        warnings.warn(
            f"{prior}: got a prior that was trained beside another semantic reconstructor ({beside['semantic']}) than "
            f"the one used ({semantic}), expected the same: keyframes may show something else; train the prior again",
            stacklevel=2,
        )


def _origin(mine: Path | None, home: Path, zoo: Zoo) -> dict[str, str]:
    sha256 = sha256_of((mine or home) / "model.safetensors")
    return {"from": str(mine or f"zoo {zoo.name}"), "sha256": sha256[:12]}


def _expect_subject(home: Path, subject: int) -> None:
    if not home.is_dir():
        raise MissingError(f"no folder {home}, expected one that holds subject{subject}")
    if any((home / name).exists() for name in (*RECONSTRUCTORS, "config.json")):
        raise InputError(f"{home}: got reconstructors of no subject, expected a folder with subject{subject} in it")
    if not (home / f"subject{subject}").is_dir():
        known = sorted(p.name.removeprefix("subject") for p in home.glob("subject*"))
        raise MissingError(
            f"no reconstructors for subject {subject} in {home}; there are: {', '.join(known) or 'none'}"
        )
