"""Every training stage by name; `run` trains one, resuming from its last checkpoint in runs/."""

from __future__ import annotations

import importlib
import inspect
from dataclasses import replace
from pathlib import Path

import torch

from neuroclips.paths import CHECKPOINTS, ROOT
from neuroclips.train import card
from neuroclips.train.loop import fit

# name -> (module, job class, folder below checkpoints/demo); {subject} is filled in. Imported only when run.
STAGES: dict[str, tuple[str, str, str]] = {
    "zoo-codec": ("zoo_codec", "CodecJob", "codec"),
    "zoo-clip": ("zoo_clip", "ClipJob", "clip"),
    "zoo-keyframes": ("zoo_keyframes", "KeyframeJob", "keyframes"),
    "zoo-captioner": ("zoo_captioner", "CaptionerJob", "captioner"),
    "zoo-video": ("zoo_video", "VideoJob", "video"),
    "zoo-frame-judge": ("zoo_judges", "FrameJudgeJob", "frame_judge"),
    "zoo-video-judge": ("zoo_judges", "VideoJudgeJob", "video_judge"),
    "semantic": ("semantic", "SemanticJob", "subject{subject}/semantic"),
    "prior": ("prior", "PriorJob", "subject{subject}/prior"),
    "perception": ("perception", "PerceptionJob", "subject{subject}/perception"),
}


def run(
    stage: str,
    subject: int | None = None,
    steps: int | None = None,
    out: Path | None = None,
    run_dir: Path | None = None,
    resume: bool = True,
    start: Path | None = None,
) -> Path:
    """Train `stage` and export its weights to `out` (default: its folder in checkpoints/demo); returns that folder.

    `start` is a folder with weights of the same stage to begin with. Raises ValueError for an unknown stage, for a
    reconstructor stage without a subject, and for one with `start`.
    """
    if stage not in STAGES:
        raise ValueError(f"got stage {stage!r}, expected one of: {', '.join(STAGES)}")
    module_name, job_name, folder = STAGES[stage]
    needs_subject = "{subject}" in folder
    if needs_subject and subject is None:
        raise ValueError(f"stage {stage} trains one subject: add --subject 1")
    out = Path(out or CHECKPOINTS / "demo" / folder.format(subject=subject))
    name = f"{stage}-subject{subject}" if needs_subject else f"{stage}-started" if start else stage
    run_dir = Path(run_dir or ROOT / "runs" / name)
    module = importlib.import_module(f"neuroclips.train.{module_name}")
    job_class = getattr(module, job_name)
    recipe = getattr(module, "RECIPES", {}).get(stage) or module.RECIPE
    torch.manual_seed(recipe.seed)  # initial weights
    if start and "start" not in inspect.signature(job_class).parameters:
        raise ValueError(f"stage {stage} always starts anew: leave --start out")
    start = Path(start) if start else None
    started = {"start": start} if start else {}
    job = job_class(out, subject) if needs_subject else job_class(out, **started)
    recipe = replace(recipe, steps=steps or recipe.steps)
    fit(job, recipe, run_dir, resume=resume)
    card.record(out, stage, subject, recipe, run_dir, steps, start)
    if CHECKPOINTS in out.resolve().parents:
        card.write_readme()
    return out
