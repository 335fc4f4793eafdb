"""Train a Perception Reconstructor: python -m neuroclips train --stage perception --subject 1."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import torch
from torch import Tensor

from neuroclips.effects import Only
from neuroclips.errors import InputError
from neuroclips.ranges import Checked, Positive, Weight
from neuroclips.reconstructors.perception import PerceptionConfig
from neuroclips.train.engine.distributed import gather
from neuroclips.train.engine.recipe import Recipe, Turn
from neuroclips.train.reconstructors.blurry import Blurry
from neuroclips.train.reconstructors.inputs import rows_of
from neuroclips.train.reconstructors.losses import info_nce
from neuroclips.train.reconstructors.reconstructor import ReconstructorJob, RidgeLayer
from neuroclips.train.reconstructors.samples import shown, write_films
from neuroclips.train.reconstructors.study import Study
from neuroclips.train.spec import GIVEN, RECIPE, SET, SHOWN, STUDY, StageSpec
from neuroclips.train.targets import targets


@dataclass(frozen=True)
class PerceptionTraining(Checked):
    """Equation 1: mean absolute error of the latents plus bidirectional InfoNCE between true and decoded ones.

    contrast_over : "frames", the N_f frames of one clip, as equation 1 sums, or "clips", the clips of a batch, frame by
    frame (ours: frames of one clip are nearly alike). contrast : its weight, 1 in the paper. temperature is ours.
    """

    network: PerceptionConfig = PerceptionConfig()
    recipe: Recipe = Recipe(3e-4, 40, epochs=150, warm_up=2 / 150, ema=0, clip_grad=None)
    ridge: RidgeLayer = RidgeLayer()
    contrast: Weight = 1.0
    contrast_over: Literal["frames", "clips"] = "frames"
    temperature: Positive = 0.1

    def __post_init__(self):
        super().__post_init__()
        if self.network.extend == "voxels" and self.ridge.start == "frozen":
            raise InputError(
                "got ridge.start=frozen with network.extend=voxels, expected ridge.start=trained or extend=ridge: what "
                "is before the ridge cannot learn from its output"
            )


PRESETS = {
    "paper": PerceptionTraining(),
    "demo": PerceptionTraining(
        PerceptionConfig(
            ridge_dim=160,
            hidden_dim=256,
            n_blocks=1,
            extend="ridge",
            extension_dim=128,
            extension_rank=32,
            channels=(64, 48, 32),
            dropout=0.3,
        ),
        Recipe(1e-3, 40, steps=500, weight_decay=0.05, ema=0.99),
        RidgeLayer("frozen", mean_repeat=True),
        contrast=0.05,
        contrast_over="clips",
    ),
}


class PerceptionJob(ReconstructorJob):
    part, kind, best_by = "perception", "latents", "pixel correlation"

    def __init__(
        self, study: Study, config: PerceptionTraining, outs: Mapping[int, Path], backbone: Path | None = None
    ):
        latents = targets.latents(study.data, study.zoo)  # (n_clips, 6, channels, h, w)
        _, n_frames, channels, side, _ = latents.shape
        sizes = {"n_frames": n_frames, "latent_channels": channels, "latent_side": side}
        super().__init__(study, outs, replace(config.network, **sizes), config.ridge, latents, backbone)
        self.config, self.blurry = config, Blurry(study)

    def batch(self, turn: Turn) -> dict:
        drawn = self.inputs.draw(turn)
        inputs = {str(s): self.inputs.read(s, turn.mine(d.clips), turn.mine(d.repeats)) for s, d in drawn.items()}
        return {"inputs": inputs, "target": rows_of(self.targets, self.clips(turn, drawn))}

    def loss(self, batch: dict) -> dict[str, Tensor]:
        predicted, target = self.first.from_low(self.low(batch["inputs"])), batch["target"]
        terms = {"mae": (predicted - target).abs().mean()}
        if self.config.contrast:
            terms["contrast"] = self.config.contrast * self._contrast(predicted.flatten(2), target.flatten(2))
        return terms

    def _contrast(self, predicted: Tensor, target: Tensor) -> Tensor:
        """predicted, target : (B, n_frames, D)."""
        if self.config.contrast_over == "clips":
            predicted, target = (gather(x).transpose(0, 1) for x in (predicted, target))  # (n_frames, B, D)
        return info_nce(predicted, target, self.config.temperature)

    def validate(self) -> dict[str, float]:
        """Pixel correlation of decoded frames 0 and 3 of evenly spaced validation clips, mean over subjects."""
        scores = {}
        for subject in self.models:
            latents = self.predict(subject)[self.blurry.validated]  # (n, n_frames, channels, h, w)
            scores[f"pixel correlation, subject {subject}"] = self.blurry.correlation(latents)
        mean = {"pixel correlation": sum(scores.values()) / len(scores)}
        return mean | (scores if len(self.models) > 1 else {})

    def show(self, folder: Path, step: int) -> None:
        """Blurry videos of some validation clips of the first subject."""
        places = shown(len(self.study.validation))
        latents = self.predict(next(iter(self.models)))[places]  # (n, n_frames, channels, h, w)
        decoded = torch.stack([self.blurry.codec.decode(clip).cpu() for clip in latents])  # (n, n_frames, 3, H, W)
        write_films(folder, step, self.study.data, self.study.validation[places].tolist(), decoded)


STAGE = StageSpec(
    "perception",
    lambda given: PerceptionJob(given.needed_study, given.config, given.outs, given.backbone),
    PRESETS,
    role="perception",
    needs=("codec",),
    options=("subject", *STUDY, "backbone", *SET, *SHOWN, *RECIPE),
    only=(
        *(Only(f"network.{name}", lambda c: False, GIVEN) for name in ("n_frames", "latent_channels", "latent_side")),
        *(Only(name, lambda c: c.contrast, "with contrast above 0") for name in ("contrast_over", "temperature")),
    ),
    shared=True,
)
