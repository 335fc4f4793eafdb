"""Seconds that `score` takes: python benchmarks/score.py [--clips N] [--pixels P] [--protocol NAME]

Films of 6 frames of smooth noise that moves, in H.264, are written to a folder of their own first; the prediction is
half of its truth and half of another film. Without judges, floors, intervals and permutations included. Prints JSON;
CPU seconds are those of all threads, which tell more on a machine that does other things, too.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import cv2
import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from neuroclips.media import write_frames  # noqa: E402

N_FRAMES, FPS, GRAINS = 6, 3, 8
DIFFERENT = 100  # films; others are links to them, read and scored all the same
QUICK = {"crf": "20", "preset": "ultrafast", "g": "1"}


def smooth(random: np.random.Generator, pixels: int) -> np.ndarray:
    """Frames (6, P, P, 3) in [0, 1] that pass from one picture of coarse noise to another."""
    ends = random.random((2, GRAINS, GRAINS, 3), dtype=np.float32)
    first, last = (cv2.resize(end, (pixels, pixels), interpolation=cv2.INTER_CUBIC) for end in ends)
    share = np.linspace(0, 1, N_FRAMES, dtype=np.float32)[:, None, None, None]
    return (first * (1 - share) + last * share).clip(0, 1)


def write_films(home: Path, n_clips: int, pixels: int) -> None:
    random = np.random.default_rng(0)
    for name in ("target", "prediction"):
        (home / name).mkdir()
    for clip in range(n_clips):
        if clip >= DIFFERENT:
            for name in ("target", "prediction"):
                (home / name / f"{clip:04}.mp4").symlink_to(home / name / f"{clip % DIFFERENT:04}.mp4")
            continue
        truth = smooth(random, pixels)
        for name, film in (("target", truth), ("prediction", (truth + smooth(random, pixels)) / 2)):
            write_frames(home / name / f"{clip:04}.mp4", (film * 255).astype(np.uint8), FPS, QUICK)


def timed(home: Path, protocol: str) -> dict[str, object]:
    """Of the command in a process of its own, from its start to its end."""
    words = ["--target", home / "target", "--prediction", home / "prediction", "--protocol", protocol, "--json"]
    begun, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [sys.executable, "-m", "neuroclips", "score", *map(str, words)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        check=True,
    )
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    found = json.loads(done.stdout)
    return {
        "seconds": round(time.perf_counter() - begun, 1),
        "cpu_seconds": round(spent.ru_utime + spent.ru_stime - before.ru_utime - before.ru_stime, 1),
        "peak_gb": round(spent.ru_maxrss * (1024 if sys.platform == "linux" else 1) / 1e9, 2),
        "pairs": found["n_pairs"],
        "shuffled_among": found["shuffled_among"],
        "metrics": list(found["metrics"]),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--clips", type=int, default=1200)
    parser.add_argument("--pixels", type=int, default=256)
    parser.add_argument("--protocol", default="paper")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        write_films(Path(home), args.clips, args.pixels)
        print(json.dumps({"cores": os.cpu_count(), **timed(Path(home), args.protocol)}, indent=1))


if __name__ == "__main__":
    main()
