"""Make the precomputed results of the shipped clips, and score them beside floors and chance."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path

import numpy as np
import torch
from tqdm import tqdm

from neuroclips import export, precomputed, run
from neuroclips.data.registry import load_dataset
from neuroclips.errors import MissingError
from neuroclips.metrics.semantic import retrieval_top1
from neuroclips.pipeline import load_pipeline
from neuroclips.types import Request
from neuroclips.zoo import load_part, zoo_named


def precompute(subject: int, clips: Iterable[int]) -> Path:
    """Reconstruct clips with seed 0 and all guidances, skipping those that are there."""
    for clip in tqdm(list(clips), desc=f"subject {subject}"):
        home = precomputed.folder(subject, clip)
        if not (home / "reconstruction.json").exists():
            result = run.reconstruct(Request(subject, clip))
            export.save(home, result)
            (home / "ground_truth.mp4").unlink()  # the same for every subject: rendered when it is shown
    return precomputed.FOLDER / f"subject{subject}"


@torch.no_grad()
def retrieval(subject: int, swapped: bool = False) -> float:
    """Keyframe retrieval, top-1 of all shipped clips (paper, appendix C.6); chance is 1 / n_clips.

    Brain tokens are compared with the CLIP tokens of the middle frame, both less the mean token of the training films.
    `swapped` gives every clip the fMRI of another: the control that must fall to chance.
    """
    data, models = load_dataset("swapped" if swapped else "simulated"), load_pipeline().subjects(subject)
    clips = range(data.info.n_clips)
    voxels = torch.stack([data.sample(subject, c).voxels for c in clips])
    predicted, truth = models.semantic.projected(voxels), _middle_frame_tokens()
    centre = models.semantic.centre  # the mean token of the training films
    return retrieval_top1((predicted - centre).flatten(1), (truth - centre).flatten(1))


@cache
@torch.no_grad()
def _middle_frame_tokens() -> torch.Tensor:
    """CLIP tokens (n_clips, n_tokens, clip_dim) of the middle frame of every shipped clip: what is retrieved."""
    data = load_dataset()
    frames = torch.stack([data.stimulus(c, 6)[3] for c in range(data.info.n_clips)])
    return load_part(zoo_named(), "clip").image_tokens(frames)


def evaluate(subject: int) -> dict[str, float]:
    """Mean scores of the precomputed clips beside the flat-colour floor, and retrieval beside its control."""
    summaries = precomputed.load_all(subject)
    if not summaries:
        raise MissingError(f"nothing precomputed for subject {subject}: run python -m neuroclips precompute")
    table: dict[str, float] = {"clips": len(summaries)}
    for name in summaries[0]["scores"]["video"]:
        for kind in ("video", "flat colour"):
            table[f"{name}, {kind}"] = round(float(np.mean([s["scores"][kind][name] for s in summaries])), 4)
    n_clips = load_dataset().info.n_clips
    table[f"keyframe retrieval top-1 of {n_clips}"] = round(retrieval(subject), 4)
    table["the same, swapped fMRI"] = round(retrieval(subject, swapped=True), 4)
    table["the same, chance"] = round(1 / n_clips, 4)
    return table
