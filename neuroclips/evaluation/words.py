"""Captions held against what the simulated films show: object, scene and action, and likeness to true captions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache

import numpy as np
import torch

from neuroclips import precomputed
from neuroclips.data.registry import load_dataset
from neuroclips.data.simulated import SimulatedDataset
from neuroclips.evaluation import labels
from neuroclips.evaluation.intervals import ends, interval
from neuroclips.evaluation.tokens import middle_frames, runs_of
from neuroclips.metrics.captions import cider, clip_score
from neuroclips.metrics.frames import N_SCORED
from neuroclips.simulation.shots import N_TR, TR, shot_at
from neuroclips.zoo import Zoo, load_part, zoo_named

SHUFFLES = 20  # orders of the sentences within a film, whose mean is a floor


def measure(captions: Mapping[int, str], zoo: Zoo | None = None) -> dict[str, dict]:
    """How right the captions of simulated test clips are, by clip: shares in [0, 1], CIDEr-D and CLIPScore.

    Each kind has its value, its interval over minutes of film ("ci"), "shuffled", the same for sentences of other clips
    of the film, and "ceiling", the captioner on the true middle frames. Labels also have "chance", the most frequent
    label of the training films for all, and "uniform", any label.
    """
    zoo, data, clips = zoo or zoo_named(), SimulatedDataset(), tuple(sorted(captions))
    films, blocks = (each[list(clips)] for each in runs_of(data))
    given, ceiling = [captions[clip] for clip in clips], list(of_true_frames(zoo, clips))
    scorers = {kind: _right(kind, clips) for kind in labels.KINDS}
    scorers |= {"cider": _like_references(clips), "clip_score": _like_frames(zoo, clips)}
    found = {}
    for name, scored in scorers.items():
        mean = interval(scored(given), blocks)
        found[name] = {"value": mean.value, **ends(mean), "ceiling": float(scored(ceiling).mean())}
        found[name]["shuffled"] = _shuffled(scored, given, films)
    for kind in labels.KINDS:
        guess = [labels.most_frequent(kind) == getattr(labels.of_clip("test", clip), kind) for clip in clips]
        found[kind] |= {"chance": float(np.mean(guess)), "uniform": 1 / labels.n_words(kind)}
    return found


Scorer = Callable[[Sequence[str]], np.ndarray]  # a sentence for each clip: scores (n,)


def _right(kind: str, clips: Sequence[int]) -> Scorer:
    truth = [getattr(labels.of_clip("test", clip), kind) for clip in clips]
    return lambda given: np.array(
        [getattr(labels.said(x), kind) == true for x, true in zip(given, truth, strict=True)], float
    )


def _like_references(clips: Sequence[int]) -> Scorer:
    """CIDEr-D against what is said of the six true frames of a clip: two captions or more where a cut is in it."""
    references = [references_of(clip) for clip in clips]
    return lambda given: cider(given, references)


def references_of(clip: int) -> list[str]:
    """The different true captions of the six frames of a test clip."""
    film, tr = divmod(clip, N_TR)
    moments = ((tr + i / N_SCORED) * TR for i in range(N_SCORED))
    return list(dict.fromkeys(shot_at("test", film, moment).caption for moment in moments))


@torch.no_grad()
def _like_frames(zoo: Zoo, clips: tuple[int, ...]) -> Scorer:
    """CLIPScore against the true middle frames."""
    clip = load_part(zoo, "clip judge")
    frames = middle_frames(load_dataset(), clips)
    seen = torch.cat([clip.image_embeddings(part).cpu() for part in frames.split(64)]).numpy()

    def scored(given: Sequence[str]) -> np.ndarray:
        with torch.no_grad():
            return clip_score(seen, clip.text_embeddings(given).cpu().numpy())

    return scored


def _shuffled(scored: Scorer, given: Sequence[str], films: np.ndarray) -> float:
    """The mean score of sentences that were shuffled among the clips of a film."""
    generator, means = np.random.default_rng(0), []
    for _ in range(SHUFFLES):
        order = np.arange(len(given))
        for film in np.unique(films):
            order[films == film] = generator.permutation(order[films == film])
        means.append(scored([given[int(row)] for row in order]).mean())
    return float(np.mean(means))


@lru_cache(maxsize=4)
def of_true_frames(zoo: Zoo, clips: tuple[int, ...]) -> list[str]:
    """What the captioner says of the true middle frames: as right as words can be by it."""
    captioner, frames = load_part(zoo, f"captioner/{precomputed.CAPTIONER}"), middle_frames(load_dataset(), clips)
    return [sentence for part in frames.split(32) for sentence in captioner(part)]
