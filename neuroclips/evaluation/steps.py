"""Scores of every step of a clip, each held against the same true frames: what a change costs, and where."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

import numpy as np
from torch import Tensor

from neuroclips.evaluation import labels
from neuroclips.metrics.protocols import PROTOCOLS
from neuroclips.metrics.score import score
from neuroclips.metrics.see import Film, see
from neuroclips.zoo import load_judges, zoo_named

Filmed = Literal["blurry", "keyframe", "film"]
FILMED: dict[Filmed, tuple[str, ...]] = {
    "blurry": ("ssim", "pixel_correlation"),
    "keyframe": ("frame_2_way", "clip_likeness"),
    "film": ("ssim", "frame_2_way", "video_2_way"),
}
WORDS = ("object", "scene")
# what a step's scores are called, by a name that says both
ABOUT = {
    "blurry_ssim": "blurry video: SSIM",
    "blurry_pixel_correlation": "blurry video: pixel correlation",
    "token_correlation": "brain tokens: correlation",
    "keyframe_frame_2_way": "keyframe: frame 2-way",
    "keyframe_clip_likeness": "keyframe: CLIP likeness",
    "words_object": "words: right object",
    "words_scene": "words: right scene",
    "film_ssim": "film: SSIM",
    "film_frame_2_way": "film: frame 2-way",
    "film_video_2_way": "film: video 2-way",
}


def of_films(step: Filmed, films: Sequence[Film], truth: Tensor) -> dict[str, np.ndarray]:
    """Scores (n,) of n films against the true frames (m, 3, H, W) of one clip, by the metrics of a step.

    A keyframe is a film of one frame, which stands still. Frames of another size than the true ones are brought to it.
    """
    how = replace(PROTOCOLS["paper"], metrics=FILMED[step])
    judges = None if step == "blurry" else load_judges(zoo_named())
    true = see([truth], how, judges, true=True)[[0] * len(films)]
    return {
        f"{step}_{name}": values
        for name, values in score(see(films, how, judges, truth.shape[-2:]), true, how).items()  # type: ignore[arg-type]
    }


def of_words(captions: Sequence[str], clip: int) -> dict[str, np.ndarray]:
    """Whether each caption (n,) names what a simulated test clip shows, and where it is: 0 or 1."""
    truth, said = labels.of_clip("test", clip), [labels.said(words) for words in captions]
    return {
        f"words_{kind}": np.array([getattr(one, kind) == getattr(truth, kind) for one in said], float) for kind in WORDS
    }
