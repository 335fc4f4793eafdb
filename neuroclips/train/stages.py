"""Every training stage by name; `run` trains one, resuming from its last checkpoint in runs/."""

from __future__ import annotations

import hashlib
import importlib
import inspect
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path

import torch
from accelerate import PartialState

from neuroclips.configure import configure
from neuroclips.errors import InputError
from neuroclips.paths import CHECKPOINTS, ROOT
from neuroclips.simulation.subjects import NULL, subject_name
from neuroclips.train.engine import card
from neuroclips.train.engine.export import shrink
from neuroclips.train.engine.job import Job
from neuroclips.train.engine.loop import fit
from neuroclips.train.engine.recipe import Recipe
from neuroclips.train.reconstructors.study import open_study
from neuroclips.train.targets.encoders import encoders, weights_key

# name -> (module, job class, folder below checkpoints/demo). Modules are imported only when they are run.
FROZEN: dict[str, tuple[str, str, str]] = {
    "zoo-codec": ("demo_zoo.codec", "CodecJob", "codec"),
    "zoo-clip": ("demo_zoo.clip", "ClipJob", "clip"),
    "zoo-keyframes": ("demo_zoo.keyframes", "KeyframeJob", "keyframes"),
    "zoo-captioner": ("demo_zoo.captioner", "CaptionerJob", "captioner"),
    "zoo-git": ("demo_zoo.git", "GitJob", "git"),
    "zoo-video": ("demo_zoo.video", "VideoJob", "video"),
    "zoo-frame-judge": ("demo_zoo.judges", "FrameJudgeJob", "frame_judge"),
    "zoo-video-judge": ("demo_zoo.judges", "VideoJudgeJob", "video_judge"),
}
# name -> (module, job class); their weights go to a subject's folder, or to one of their own
OF_SUBJECTS: dict[str, tuple[str, str]] = {
    "perception": ("reconstructors.perception", "PerceptionJob"),
    "semantic": ("reconstructors.semantic", "SemanticJob"),
    "prior": ("reconstructors.prior", "PriorJob"),
    "linear": ("reconstructors.linear", "LinearJob"),
}
OF_ALL: dict[str, tuple[str, str]] = {
    "projector": ("reconstructors.projector", "ProjectorJob"),
    "fusion": ("reconstructors.fusion", "FusionJob"),
}
# the encoders that a stage learns from; others need CLIP
NEEDS: dict[str, tuple[str, ...]] = {
    "perception": ("codec",),
    "linear": ("clip", "codec"),
    "zoo-keyframes": ("clip", "codec"),
    "zoo-video": ("clip", "codec"),
    "zoo-captioner": ("clip", "codec"),
    **dict.fromkeys(("zoo-codec", "zoo-clip"), ()),
    **dict.fromkeys(("zoo-frame-judge", "zoo-video-judge"), ()),
}
STAGES = (*OF_SUBJECTS, *OF_ALL, *FROZEN)
SHARED = ("perception", "semantic")  # stages that several subjects can share, and that a new subject can join


@dataclass(frozen=True)
class Order:
    """What to train: as the options of `python -m neuroclips train`, which see.

    recipe : fields of the Recipe to change; changes : fields of the stage's config, with dots.
    """

    stage: str
    subjects: tuple[int, ...] = ()
    zoo: str = "demo"
    dataset: str = "simulated"
    source: Path | None = None
    stimuli: Path | None = None
    out: Path | None = None
    run_dir: Path | None = None
    resume: bool = True
    start: Path | None = None
    backbone: Path | None = None
    minutes: float | None = None
    recipe: Mapping[str, object] = field(default_factory=dict)
    changes: Mapping[str, object] = field(default_factory=dict)
    words: str = ""  # the command line, for the record


def run(order: Order) -> dict[str, object]:
    """Train a stage and export its weights; returns {"stage", "out", "scores"}.

    Raises InputError for what does not go together, MissingError for what is missing.
    """
    if order.stage not in STAGES:
        raise InputError(f"got stage {order.stage!r}, expected one of: {', '.join(STAGES)}")
    _check(order)
    if order.stage in FROZEN:
        return _run_frozen(order)
    module_name, job_name = {**OF_SUBJECTS, **OF_ALL}[order.stage]
    module = importlib.import_module(f"neuroclips.train.{module_name}")
    config = configure(module.PRESETS[order.zoo], order.changes)
    config = replace(config, recipe=replace(config.recipe, **order.recipe))
    outs = _outs(order)
    torch.manual_seed(config.recipe.seed)  # initial weights
    job = _job(order, getattr(module, job_name), config, outs)
    job.identity = {**_settings(order, config.recipe, config), **job.identity}
    scores = fit(job, config.recipe, _run_dir(order), resume=order.resume)
    for out in outs.values():
        _record(order, out, config.recipe, scores, job)
    return {"stage": order.stage, "out": [str(out) for out in outs.values()], "scores": scores}


def _check(order: Order) -> None:
    encoders(order.zoo)
    if order.stage in OF_SUBJECTS and not order.subjects:
        raise InputError(f"stage {order.stage} trains on one subject's fMRI: add --subject 1")
    if order.stage not in SHARED and len(order.subjects) > 1:
        raise InputError(f"got {len(order.subjects)} subjects, expected one: only {' and '.join(SHARED)} can be shared")
    if order.backbone and order.stage not in SHARED:
        raise InputError(f"got --backbone for stage {order.stage}, expected one of: {', '.join(SHARED)}")
    if order.start and order.stage not in FROZEN:
        raise InputError(f"stage {order.stage} always starts anew: leave --start out")
    if NULL in order.subjects and order.out is None:
        raise InputError("the null subject is a control and is not shipped: say where its weights go with --out")


def _outs(order: Order) -> dict[int, Path]:
    """Folder of each subject's weights; one entry for stages without subjects. --out is the folder itself for one."""
    home = CHECKPOINTS / order.zoo
    if order.stage in OF_ALL:
        return {NULL: Path(order.out or home / order.stage)}
    if order.out and len(order.subjects) == 1:
        return {order.subjects[0]: Path(order.out)}
    return {s: Path(order.out or home) / subject_name(s) / order.stage for s in order.subjects}


def _run_dir(order: Order) -> Path:
    """Where the run is kept: another place for every place where weights may go."""
    parts = [order.stage, *(subject_name(s) for s in order.subjects)]
    parts += [order.zoo] if order.zoo != "demo" else []
    parts += [hashlib.sha256(str(order.out.resolve()).encode()).hexdigest()[:8]] if order.out else []
    return Path(order.run_dir or ROOT / "runs" / "-".join(parts))


def _settings(order: Order, recipe: Recipe, config=None) -> dict[str, object]:
    """What a run must share with the one that it goes on from, besides data and network: all but the recipe."""
    inner = fields(config) if config is not None else ()
    settings = {f.name: repr(getattr(config, f.name)) for f in inner if f.name != "recipe"}
    settings |= {"seed": recipe.seed, "minutes": order.minutes}
    for name in ("backbone", "start"):
        folder = getattr(order, name)
        settings[name] = weights_key(folder) if folder else None
    table = encoders(order.zoo)
    return settings | {name: weights_key(getattr(table, name)) for name in NEEDS.get(order.stage, ("clip",))}


def _job(order: Order, job_class: type, config, outs: dict[int, Path]):
    if order.stage == "projector":
        return job_class(order.zoo, config, outs[NULL], order.source)
    study = open_study(order.dataset, order.source, order.subjects, order.zoo, order.minutes, order.stimuli)
    if order.stage == "fusion":
        return job_class(study, config, outs[NULL])
    if order.stage in SHARED:
        return job_class(study, config, outs, order.backbone)
    if order.stage == "prior":
        return job_class(study, config, outs, _semantic(outs[order.subjects[0]], order))
    return job_class(study, config, outs)


def _semantic(out: Path, order: Order) -> Path:
    """The Semantics Reconstructor beside the prior, or else the shipped one of the subject."""
    beside = out.parent / "semantic"
    shipped = CHECKPOINTS / order.zoo / subject_name(order.subjects[0]) / "semantic"
    return beside if (beside / "config.json").exists() else shipped


def _run_frozen(order: Order) -> dict[str, object]:
    """A model of the demo zoo."""
    module_name, job_name, folder = FROZEN[order.stage]
    out = Path(order.out or CHECKPOINTS / "demo" / folder)
    module = importlib.import_module(f"neuroclips.train.{module_name}")
    job_class = getattr(module, job_name)
    recipe = getattr(module, "RECIPES", {}).get(order.stage) or module.RECIPE
    recipe = replace(recipe, **order.recipe)
    torch.manual_seed(recipe.seed)
    if order.start and "start" not in inspect.signature(job_class).parameters:
        raise InputError(f"stage {order.stage} always starts anew: leave --start out")
    job = job_class(out, **({"start": Path(order.start)} if order.start else {}))
    job.identity = {**_settings(order, recipe), **job.identity}
    scores = fit(job, recipe, _run_dir(order), resume=order.resume)
    _record(order, out, recipe, scores, job)
    return {"stage": order.stage, "out": [str(out)], "scores": scores}


def _record(order: Order, out: Path, recipe: Recipe, scores: dict[str, float], job: Job) -> None:
    """Write how the weights came about; those that are shipped are rounded to take little room, and listed."""
    if not PartialState().is_main_process:
        return
    facts = {"bars": job.bars, "web shots, first and count": job.web_shots}
    card.record(out, order.words, recipe, _run_dir(order), scores, order.start, facts)
    if CHECKPOINTS in out.resolve().parents:
        shrink(out)
        card.write_readme()
