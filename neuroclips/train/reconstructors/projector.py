"""Train the adjusted projector of Reftm on image-caption pairs (appendix B.2, table 3): --stage projector."""

from __future__ import annotations

import copy
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from neuroclips.effects import Only
from neuroclips.errors import MissingError
from neuroclips.files import write_json
from neuroclips.metrics.retrieval import retrieval_top1
from neuroclips.ranges import Checked, Positive
from neuroclips.reconstructors import weights
from neuroclips.reconstructors.projector import ProjectorConfig, TextProjector
from neuroclips.train.engine.job import Job
from neuroclips.train.engine.recipe import Recipe, Turn
from neuroclips.train.reconstructors.losses import info_nce
from neuroclips.train.spec import GIVEN, RECIPE, SET, StageSpec
from neuroclips.train.targets import pairs
from neuroclips.zoo import Zoo, load_part

N_RETRIEVED = 300  # pairs of table 3 that compete; the paper does not say how many
CHOOSE, REPORT = 0, 1  # which 300 of those that are held out choose the checkpoint, and which are reported


@dataclass(frozen=True)
class ProjectorTraining(Checked):
    """20 epochs in the paper, on 73,000 MSCOCO images; batch size, rate and temperature are ours."""

    network: ProjectorConfig = ProjectorConfig()
    recipe: Recipe = Recipe(1e-3, 256, epochs=20, ema=0, validate_every=200)
    temperature: Positive = 0.05


PRESETS = {"paper": ProjectorTraining(), "demo": ProjectorTraining()}


def frozen_projector(zoo: Zoo) -> TextProjector:
    """The trained projector of a zoo, on a CPU. Raises MissingError that says how to train it."""
    folder = zoo.part("projector").folder
    if not (folder / "config.json").exists():
        raise MissingError(
            f"no text projector in {folder}: train one with python -m neuroclips train --stage projector --zoo "
            f"{zoo.name}, or leave Reftm out by --set reftm=0 (semantic) or --set mu=0 (prior, joint)"
        )
    return copy.deepcopy(load_part(zoo, "projector", "cpu"))  # for whoever asks to move


class ProjectorJob(Job):
    """CLIP is used once, for mean tokens and text embeddings; then only one matrix is trained."""

    best_by = "image to text"

    def __init__(self, zoo: Zoo, config: ProjectorTraining, out: Path, source: Path | None = None):
        self.config, self.out = config, out
        self.means, self.texts, self.n_train = pairs.encoded(zoo, source)  # (n, clip_dim), (n, n_captions, embed_dim)
        network = replace(config.network, clip_dim=self.means.shape[1], embed_dim=self.texts.shape[2])
        self.projector = network.build()
        self.projector.proj.data.copy_(load_part(zoo, "clip").model.visual.proj)  # what there is before fine-tuning
        self.modules, self.n_samples = {"projector": self.projector}, self.n_train
        self.identity = {"stage": "projector", "zoo": zoo.name, "pairs": len(self.means)}
        with torch.no_grad():
            self.before = self.retrieved(REPORT)

    def batch(self, turn: Turn) -> dict:
        chosen = turn.mine(torch.randperm(self.n_train, generator=turn.generator)[: turn.size])
        caption = turn.mine(
            torch.randint(self.texts.shape[1], (min(turn.size, self.n_train),), generator=turn.generator)
        )
        return {"mean": _rows(self.means, chosen.numpy()), "text": _rows(self.texts, (chosen.numpy(), caption.numpy()))}

    def loss(self, batch: dict) -> Tensor:
        return info_nce(self.projector.from_mean(batch["mean"]), batch["text"], self.config.temperature)

    def validate(self) -> dict[str, float]:
        """Table 3 on the held-out pairs that choose."""
        return self.retrieved(CHOOSE)

    def held(self, which: int) -> slice:
        """CHOOSE or REPORT: 300 pairs each that are not trained on."""
        first = self.n_train + which * N_RETRIEVED
        return slice(first, first + N_RETRIEVED)

    def retrieved(self, which: int) -> dict[str, float]:
        """Top-1 of 300 pairs, image to text and text to image."""
        held = self.held(which)
        device = self.projector.proj.device
        image = self.projector.from_mean(_rows(self.means, held).to(device))
        text = _rows(self.texts, (held, 0)).to(device)
        return {"image to text": retrieval_top1(image, text), "text to image": retrieval_top1(text, image)}

    def export(self) -> None:
        weights.save(self.projector, self.out, self.dtype)
        places = {"chosen on": self.held(CHOOSE), "reported on": self.held(REPORT)}
        table: dict[str, object] = {"before fine-tuning": self.before, "after fine-tuning": self.retrieved(REPORT)}
        table |= {"chance": 1 / N_RETRIEVED, "pairs": {name: [x.start, x.stop] for name, x in places.items()}}
        write_json(self.out / "table3.json", table)


def _rows(array: np.ndarray, index) -> Tensor:
    return torch.from_numpy(np.array(array[index], np.float32))


STAGE = StageSpec(
    "projector",
    lambda given: ProjectorJob(given.zoo, given.config, given.out, given.source),
    PRESETS,
    role="projector",
    needs=("clip",),
    options=("source", *SET, *RECIPE),
    only=(Only("network", lambda c: False, GIVEN),),
)
