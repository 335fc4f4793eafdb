"""Measure what the README reports of the simulated dataset, and draw its pictures. python benchmarks/simulation.py

Needs `python -m neuroclips simulate --subjects 1,2,3,null` before; --full adds the selection counts at full density.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from neuroclips.brain.cortex import load_cortex  # noqa: E402 - found through the path above
from neuroclips.data.layout import FILMS, N_VOXELS  # noqa: E402
from neuroclips.data.preprocess import PreprocessConfig  # noqa: E402
from neuroclips.paths import cache_dir  # noqa: E402
from neuroclips.simulation import films, pictures  # noqa: E402
from neuroclips.simulation.recovery import recovery  # noqa: E402
from neuroclips.simulation.subjects import Truth, responsive, subject_name  # noqa: E402

TRAINING = FILMS[:18]


def rendering(n_frames: int = 960) -> float:
    """Frames per second at 96 x 96 on all cores, for a training film at 8 Hz."""
    share = n_frames // os.cpu_count()
    started = time.perf_counter()
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(_render, range(os.cpu_count()), [share] * os.cpu_count()))
    return round(share * os.cpu_count() / (time.perf_counter() - started), 1)


def _render(film: int, n_frames: int) -> int:
    return len(films.frames("train", film % 18, 0, n_frames, 8))


def quarter(subject: int) -> dict:
    """Counts of the selection test and reliability per kind of area, from the files in the cache."""
    home = cache_dir("simulated") / subject_name(subject)
    meta = json.loads((home / "meta.json").read_text())
    with np.load(home / "selection.npz") as stored:
        z, tested = stored["z"], stored["tested"]
    area, seeing = load_cortex().area[tested], responsive()[tested]
    groups = {
        "V1 to V3": np.isin(area, ["V1", "V2", "V3"]),
        "other areas that see": seeing & ~np.isin(area, ["V1", "V2", "V3"]),
        "other": ~seeing,
    }
    reliability = {name: round(float(np.tanh(z[here].mean())), 3) for name, here in groups.items()}
    return {
        "tested": meta["n_tested"],
        "passed": meta["n_passed"],
        "a quarter of the paper's": N_VOXELS.get(subject, 0) // 4,
        "split-half r": reliability,
    }


def full(subject: int) -> dict:
    """How many of 59,412 vertices pass, and how many of those see nothing in truth."""
    from neuroclips.data.build import choose_voxels
    from neuroclips.simulation.simulate import Scanner

    scanner = Scanner(subject, "full")
    with tempfile.TemporaryDirectory() as parts:
        chosen = choose_voxels(scanner, TRAINING, PreprocessConfig(), Path(parts))
    passed = np.flatnonzero((chosen.p < 0.05 / len(chosen.p)) & (chosen.z > 0))
    return {
        "passed": len(passed),
        "paper": N_VOXELS.get(subject, 0),
        "of these see nothing": int((~responsive()[passed]).sum()) if subject else len(passed),
    }


def fields(subject: int) -> dict:
    home = cache_dir("simulated") / subject_name(subject)
    samples = np.load(home / "train_fmri.npy").mean(1)
    return recovery(samples, np.load(home / "vertex_index.npy"), TRAINING, Truth.load(home / "truth.npz"))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true", help="also test the selection at full density (minutes)")
    options = parser.parse_args()
    print(json.dumps({"frames per second at 96 x 96, all cores": rendering()}), flush=True)
    for subject in (1, 2, 3, 0):
        print(json.dumps({subject_name(subject): quarter(subject)}), flush=True)
    for subject in (1, 2, 3):
        print(json.dumps({f"{subject_name(subject)}: receptive fields found again, r": fields(subject)}), flush=True)
    for subject in (1, 2, 3, 0) if options.full else ():
        print(json.dumps({f"{subject_name(subject)}, full density": full(subject)}), flush=True)
    print(*pictures.write_all(ROOT / "assets" / "readme"))
