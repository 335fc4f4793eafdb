"""Decoding of one showing of a film, of the mean of two, ... ten: what more scanning would buy, by cheap steps alone.

The shipped samples are means of ten showings; single ones come from `simulate`, into the user's cache.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from neuroclips.data.registry import load_dataset
from neuroclips.data.simulated import is_made
from neuroclips.errors import MissingError
from neuroclips.evaluation import labels
from neuroclips.evaluation.intervals import difference, ends, interval
from neuroclips.evaluation.reliability import reliability
from neuroclips.evaluation.tokens import flat, runs_of, true_tokens
from neuroclips.metrics.frames import N_SCORED
from neuroclips.metrics.retrieval import retrieval, similarity
from neuroclips.noise import seeded
from neuroclips.paths import cache_dir
from neuroclips.preprocessing.layout import N_SAMPLES
from neuroclips.reading import read_array
from neuroclips.reconstructors import weights
from neuroclips.simulation.subjects import subject_name
from neuroclips.zoo import load_part, zoo_named

COUNTS = (1, 2, 3, 5, 10)  # of showings whose mean is decoded
EVERY = 5  # of the clips, one is painted and put into words
Scores = Callable[[Tensor], np.ndarray]  # voxels (n, n_voxels) of some test clips: a score each (n,)


def measure(subject: int) -> dict:
    """ "noise ceiling" over all test clips, and by number of showings: "retrieval", top-1 among the shipped clips;
    "pixel_correlation" of blurry videos; "object", the share of captions, by GIT from decoded tokens, that name it.

    Each has intervals over minutes of film, and its "gain" from one showing to all. Raises MissingError where the
    showings of the subject are not in the cache.
    """
    showings, data = read_array(showings_of(subject), mapped=True), load_dataset()
    blocks, some = runs_of(data)[1], np.arange(data.info.n_clips)[::EVERY]
    scorers: dict[str, tuple[Scores, np.ndarray]] = {
        "retrieval": (_retrieved(subject), np.arange(data.info.n_clips)),
        "pixel_correlation": (_painted(subject, some), some),
        "object": (_named(subject, some), some),
    }
    table: dict = {"repeats": list(COUNTS), "noise ceiling": reliability(showings, N_SAMPLES).summary()}
    for name, (scores, clips) in scorers.items():
        scored = [scores(mean_of(showings, clips, count)) for count in COUNTS]
        found, gain = [interval(row, blocks[clips]) for row in scored], difference(scored[-1], scored[0], blocks[clips])
        table[name] = [each.value for each in found]
        table["ci" if name == "retrieval" else f"{name} ci"] = [[each.low, each.high] for each in found]
        table[f"{name} gain"] = {"value": gain.value, **ends(gain), "p": gain.p}
    return table | {"chance": 1 / data.info.n_clips, "clips painted": len(some)}


def showings_of(subject: int) -> Path:
    """The file of all showings (n_clips, 10, n_voxels) of the test films, in the cache. Raises MissingError."""
    if not is_made(subject):
        raise MissingError(
            f"no showings of subject {subject} in the cache, only their mean ships: run python -m neuroclips simulate "
            f"--subjects {subject}"
        )
    return cache_dir("simulated") / subject_name(subject) / "test_fmri.npy"


def mean_of(showings: np.ndarray, clips: np.ndarray, count: int) -> Tensor:
    """Means (n, n_voxels) over `count` showings of clips (n,), drawn for each clip anew so that none is special."""
    generator = np.random.default_rng([count, 31])
    drawn = [generator.permutation(showings.shape[1])[:count] for _ in clips]
    return torch.from_numpy(
        np.stack([np.nanmean(showings[clip, which], 0) for clip, which in zip(clips, drawn, strict=True)])
    ).float()


def _retrieved(subject: int) -> Scores:
    model, true = _part("semantic", subject), true_tokens(zoo_named(), load_dataset())

    @torch.no_grad()
    def scores(voxels: Tensor) -> np.ndarray:
        predicted, wanted = (torch.from_numpy(flat(x - model.centre)) for x in (model.projected(voxels), true))
        return retrieval(similarity(predicted, wanted).numpy(), [len(true)])[0]

    return scores


def _painted(subject: int, clips: np.ndarray) -> Scores:
    """Pixel correlation of the six frames of blurry videos with the true ones."""
    model, codec = _part("perception", subject), load_part(zoo_named(), "codec")
    truth = [load_dataset().stimulus(int(clip), N_SCORED) for clip in clips]

    @torch.no_grad()
    def scores(voxels: Tensor) -> np.ndarray:
        videos = (codec.decode(model(row[None]))[0].float().cpu() for row in voxels)
        return np.array([_correlation(video, true) for video, true in zip(videos, truth, strict=True)])

    return scores


def _correlation(video: Tensor, truth: Tensor) -> float:
    """Mean over frames (n, 3, H, W) of the Pearson correlation of all values."""
    one, other = (x.flatten(1) - x.flatten(1).mean(1, keepdim=True) for x in (video, truth))
    return torch.nn.functional.cosine_similarity(one, other).mean().item()


def _named(subject: int, clips: np.ndarray) -> Scores:
    """Whether GIT names the true object of the image tokens that the prior makes of brain tokens."""
    semantic, prior, git = _part("semantic", subject), _part("prior", subject), load_part(zoo_named(), "captioner/git")
    steps = zoo_named().settings.prior_steps

    @torch.no_grad()
    def scores(voxels: Tensor) -> np.ndarray:
        noise = [seeded(0, int(clip), 3) for clip in clips]
        said = git(None, prior.sample(semantic(voxels), steps, noise))
        true = (labels.of_clip("test", int(clip)).object for clip in clips)
        return np.array([labels.said(x).object == thing for x, thing in zip(said, true, strict=True)], float)

    return scores


def _part(role: str, subject: int):
    return weights.load(zoo_named().part(role).of(subject).folder)
