"""How good the frozen models of the demo zoo are, given perfect inputs: python benchmarks/zoo.py [SECTION ...]

Everything is measured on held-out web films, which no model was trained on and which are neither training nor test
films. Writes the sections (default: its own) into assets/readme/zoo.json with the version that they were measured on,
and prints what is stored, that of swaps.py among it; --tables only prints. `python benchmarks/results.py` makes the
tables of docs/results.md.
"""

from __future__ import annotations

import sys
import time
from collections import Counter, defaultdict
from pathlib import Path

import torch
from torch import Tensor
from tqdm import tqdm

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from perfect import FAST, PAPER, TABLE, ZOO, blurry, film, keyframes  # noqa: E402
from stored import measure, tables  # noqa: E402

from neuroclips.metrics.pixel import pixel_correlation, psnr  # noqa: E402
from neuroclips.train.demo_zoo.judges import action_of  # noqa: E402
from neuroclips.train.demo_zoo.scores import (  # noqa: E402
    accuracy,
    caption_scores,
    class_of,
    clip_scores,
    in_parts,
    likeness,
    seen_in,
)
from neuroclips.web.films import HELD_OUT, held_out_clips, held_out_frames, web_shots  # noqa: E402
from neuroclips.zoo import load_judges, load_part  # noqa: E402

N_FRAMES, N_KEYFRAMES, N_VIDEOS, N_SCRIPTS = 512, 192, 16, 2000


def of_images() -> dict[str, float]:
    """Codec, CLIP, captioners, keyframes, frame judge."""
    frames, shots = held_out_frames(N_FRAMES)
    clip, codec, judge = (load_part(ZOO, role) for role in ("clip", "codec", "frame judge"))
    tokens = in_parts(clip.image_tokens, frames)
    decoded = in_parts(lambda part: codec.decode(codec.encode(part)).cpu(), frames)
    table = {"codec psnr [dB]": psnr(decoded, frames)}
    table |= {f"clip {name}": value for name, value in clip_scores(clip, frames, shots).items()}
    for name, said in (
        ("blip2", [c for part in frames.split(64) for c in load_part(ZOO, "captioner/blip2")(part, None)]),
        ("git", [c for part in tokens.split(64) for c in load_part(ZOO, "captioner/git")(None, part)]),
    ):
        table |= {f"{name} {what}": value for what, value in caption_scores(said, shots).items()}
    made = in_parts(keyframes, frames[:N_KEYFRAMES])
    table["keyframe class, true tokens"] = accuracy(judge(made), class_of(shots[:N_KEYFRAMES]))
    table["frame judge"] = accuracy(in_parts(judge, frames), class_of(shots))
    return table


def of_videos() -> dict[str, float]:
    """Video judge, text-to-video alone and with its guidances, in the fast and in the paper's setting."""
    clips, shots = held_out_clips()
    judges = load_judges(ZOO)
    labels = torch.tensor([action_of(s) for s in shots])
    table = {"video judge": accuracy(in_parts(judges.video, clips, 16), labels)}
    clips, shots, labels = clips[:N_VIDEOS], shots[:N_VIDEOS], labels[:N_VIDEOS]
    keys, classes = keyframes(clips[:, 0]), class_of(shots)
    everything = list(enumerate(zip(shots, keys, clips, strict=True)))
    alone = torch.stack([film(s.caption, None, None, i) for i, (s, _, _) in tqdm(everything)])
    first = torch.stack([film(s.caption, k, None, i) for i, (s, k, _) in tqdm(everything)])
    table |= {
        "text alone, class": accuracy(seen_in(judges.frame, alone), classes),
        "text alone, action": accuracy(in_parts(judges.video, alone, 16), labels),
        "keyframe and text, class": accuracy(seen_in(judges.frame, first), classes),
        "keyframe and text, action": accuracy(in_parts(judges.video, first, 16), labels),
        "keyframe and text, likeness to the keyframe": likeness(judges.clip, first, keys),
    }
    for name, setting in (("fast", FAST), ("paper", PAPER)):
        started = time.perf_counter()
        full = torch.stack([film(s.caption, k, blurry(c), i, **setting) for i, (s, k, c) in tqdm(everything)])
        seconds = (time.perf_counter() - started) / N_VIDEOS
        table |= {f"{row}, {name}": value for row, value in _guided(full, clips, classes, labels).items()}
        table[f"seconds per video, {name}"] = seconds
    return table


def _guided(full: Tensor, clips: Tensor, classes: Tensor, labels: Tensor) -> dict[str, float]:
    """Scores of films (n, 16, 3, H, W) from true sentences, keyframes of true tokens and true blurry videos."""
    return {
        "all guidances, class": accuracy(seen_in(load_part(ZOO, "frame judge"), full), classes),
        "all guidances, action": accuracy(in_parts(load_part(ZOO, "video judge"), full, 16), labels),
        "all guidances, pixel correlation": pixel_correlation(full.flatten(0, 1), clips.flatten(0, 1)),
    }


def of_chance() -> dict[str, float]:
    """How often class and motion are right when the class is, and the motion is drawn as its web shots move."""
    moves = defaultdict(Counter)
    for shot in web_shots(HELD_OUT, N_SCRIPTS):
        moves[shot.name][shot.motion] += 1
    first = web_shots(HELD_OUT, N_VIDEOS)
    shares = [moves[shot.name][shot.motion] / moves[shot.name].total() for shot in first]
    return {"action, the class being right": sum(shares) / N_VIDEOS}


SECTIONS = {"images": of_images, "videos": of_videos, "chance": of_chance}


if __name__ == "__main__":
    if "--tables" not in sys.argv:
        measure(TABLE, SECTIONS, sys.argv[1:])
    for title, table in tables(TABLE).items():
        rows = (f"| {name} | {value:.3f} |" for name, value in table["rows"].items())
        print(f"\n{title}, version {table['version']}\n\n| | |\n|---|---|", *rows, sep="\n")
