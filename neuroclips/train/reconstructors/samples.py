"""What some validation clips look like while a stage is trained: pictures, films and samples.json in a folder.

They are clips of training films that nothing is fitted on. No test clip is known here.
"""

from __future__ import annotations

from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

from neuroclips.data.training import N_FRAMES, TrainingSet
from neuroclips.files import write_json
from neuroclips.media import write_image, write_video
from neuroclips.metrics.pixel import pixel_correlation
from neuroclips.preprocessing.layout import TR

SAMPLES = "samples.json"  # written last, whole
N_SHOWN, N_NEAREST = 3, 3  # clips, and what is nearest to each


def shown(n: int) -> list[int]:
    """Which of `n` validation clips are shown: spread evenly, none at an end."""
    return [(2 * i + 1) * n // (2 * N_SHOWN) for i in range(N_SHOWN)]


def write_films(folder: Path, step: int, data: TrainingSet, clips: list[int], decoded: Tensor) -> None:
    """Decoded films (n, 6, 3, H, W) beside the true ones, and what score chance gives: that with another clip's truth.

    Frames 0 and 3 are compared, as the validation does.
    """
    truth = torch.stack([data.frames(clip) for clip in clips])  # (n, 6, 3, H, W)
    samples = []
    for clip, film, true in zip(clips, decoded, truth, strict=True):
        names = {"truth": f"truth-{clip}.mp4", "film": f"film-{clip}-{step}.mp4"}
        write_video(folder / names["film"], film.clamp(0, 1), N_FRAMES / TR)
        if not (folder / names["truth"]).exists():
            write_video(folder / names["truth"], true, N_FRAMES / TR)
        samples.append({"clip": clip, **names})
    other = [pixel_correlation(decoded[:, f], truth[:, f].roll(by, 0)) for f in (0, 3) for by in range(1, len(clips))]
    chance = {"pixel correlation": sum(other) / len(other)}
    write_json(folder / SAMPLES, {"step": step, "kind": "films", "chance": chance, "samples": samples})


def write_ranks(
    folder: Path, step: int, data: TrainingSet, pool: list[int], asked: list[int], predicted: Tensor, truth: Tensor
) -> None:
    """Where the true clip stands among `pool`, by cosine, with the middle frames of the nearest clips.

    asked : places in the pool; predicted : (len(asked), D), truth : (len(pool), D), both centred.
    """
    similarity = (F.normalize(predicted, dim=-1) @ F.normalize(truth, dim=-1).T).cpu()  # (n_asked, n_pool)
    samples = []
    for place, row in zip(asked, similarity, strict=True):
        nearest = [pool[i] for i in row.argsort(descending=True)[:N_NEAREST].tolist()]
        pictures = {clip: _picture(folder, data, clip) for clip in (pool[place], *nearest)}
        rank = int((row > row[place]).sum()) + 1
        sample = {"clip": pool[place], "rank": rank, "truth": pictures[pool[place]], "nearest clips": nearest}
        samples.append({**sample, "nearest": [pictures[clip] for clip in nearest]})
    wrong = torch.ones_like(similarity, dtype=torch.bool)
    wrong[range(len(asked)), asked] = False
    chance = dict.fromkeys(("retrieval", "fMRI retrieval"), 1 / len(pool))
    chance["cosine"] = similarity[wrong].mean().item()
    about = {"step": step, "kind": "ranks", "n": len(pool), "chance": chance, "samples": samples}
    write_json(folder / SAMPLES, about)


def _picture(folder: Path, data: TrainingSet, clip: int) -> str:
    """The name of a clip's middle frame in the folder."""
    name = f"clip-{clip}.webp"
    if not (folder / name).exists():
        write_image(folder / name, data.frames(clip)[3])
    return name
