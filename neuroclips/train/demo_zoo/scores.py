"""How good the frozen models of the demo zoo are on held-out web films, of which the truth is known.

Shares in [0, 1], more is better. What a single frame cannot show, how an object moves, is not asked of a frame.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from neuroclips.pretrained.clip import OpenClip
from neuroclips.pretrained.judges import FrameJudge
from neuroclips.simulation.shots import Shot
from neuroclips.simulation.vocabulary import CLASS_NAMES, OBJECTS, SCENES, caption, noun

RETRIEVED = 300  # frames that compete for a sentence


def in_parts(function: Callable[[Tensor], Tensor], x: Tensor, size: int = 64) -> Tensor:
    """`function` of the rows of x, `size` at a time."""
    return torch.cat([function(part) for part in x.split(size)])


def class_of(shots: Sequence[Shot]) -> Tensor:
    """Class (n_shots,) of the main object of each shot."""
    return torch.tensor([CLASS_NAMES.index(s.name) for s in shots])


def clip_scores(clip: OpenClip, frames: Tensor, shots: Sequence[Shot]) -> dict[str, float]:
    """Zero-shot class and scene of frames (n, 3, H, W), and top-1 of 300 frames for a sentence.

    A class is the mean of all its sentences. A found frame is right when it shows the main object and the scene of the
    sentence, for others of the 300 may show the same.
    """
    images = in_parts(clip.image_embeddings, frames)  # (n, embed_dim)
    classes = [[caption(o.name, s, m) for s in o.scenes for m in o.motions] for o in OBJECTS.values()]
    scenes = [[caption(o.name, s, m) for o in OBJECTS.values() if s in o.scenes for m in o.motions] for s in SCENES]
    scene = torch.tensor([list(SCENES).index(s.scene) for s in shots])
    right = {"class": _nearest(clip, images, classes) == class_of(shots)}
    right["scene"] = _nearest(clip, images, scenes) == scene
    few = shots[:RETRIEVED]
    found = (clip.text_embeddings([s.caption for s in few]) @ images[: len(few)].T).argmax(1).tolist()
    right["caption to frame"] = torch.tensor(
        [(s.name, s.scene) == (few[f].name, few[f].scene) for s, f in zip(few, found, strict=True)]
    )
    return {name: value.float().mean().item() for name, value in right.items()}


def _nearest(clip: OpenClip, images: Tensor, groups: list[list[str]]) -> Tensor:
    """Which group of sentences (n,) each image is nearest to."""
    means = torch.stack([F.normalize(clip.text_embeddings(group).mean(0), dim=0) for group in groups])
    return (images @ means.T).argmax(1).cpu()


def caption_scores(captions: Sequence[str], shots: Sequence[Shot]) -> dict[str, float]:
    """Shares of sentences that begin with the right noun and end with the right scene."""
    pairs = list(zip(captions, shots, strict=True))
    nouns = [c.split()[1:2] == noun(s.name).split()[:1] for c, s in pairs]
    return {
        "noun": sum(nouns) / len(pairs),
        "scene": sum(c.endswith(SCENES[s.scene]) for c, s in pairs) / len(pairs),
    }


def accuracy(logits: Tensor, labels: Tensor) -> float:
    """Share of rows of logits (n, n_classes) whose largest is that of labels (n,)."""
    return (logits.argmax(1).cpu() == labels.cpu()).float().mean().item()


def seen_in(judge: FrameJudge, videos: Tensor) -> Tensor:
    """Probabilities (n, n_classes) of the frame judge, mean over the frames of videos (n, n_frames, 3, H, W)."""
    return torch.stack([judge(video).softmax(-1).mean(0) for video in videos])


def likeness(clip: OpenClip, videos: Tensor, keyframes: Tensor) -> float:
    """Mean CLIP cosine of all frames of videos (n, n_frames, 3, H, W) with their keyframes (n, 3, H, W)."""
    frames = torch.stack([clip.image_embeddings(video) for video in videos])  # (n, n_frames, embed_dim)
    keys = clip.image_embeddings(keyframes)[:, None]  # (n, 1, embed_dim)
    return F.cosine_similarity(frames, keys, dim=-1).mean().item()
