"""Measure what docs/results.md reports of the simulated dataset, and draw its pictures: python benchmarks/simulation.py

Needs `python -m neuroclips simulate --subjects 1,2,3,null` before; --full adds the selection counts at full density,
--time what simulating and preprocessing cost, from empty folders. Writes the sections into
assets/readme/simulation.json with the version that they were measured on; `python benchmarks/results.py` makes the
tables.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from stored import measure, tables  # noqa: E402 - found beside this file

from neuroclips.brain.cortex import load_cortex  # noqa: E402 - found through the path above
from neuroclips.film_size import film_pixels  # noqa: E402
from neuroclips.paths import cache_dir  # noqa: E402
from neuroclips.preprocessing.clean import PreprocessConfig  # noqa: E402
from neuroclips.preprocessing.layout import FILMS, N_VOXELS  # noqa: E402
from neuroclips.simulation import films, pictures  # noqa: E402
from neuroclips.simulation.recovery import recovery  # noqa: E402
from neuroclips.simulation.subjects import Truth, responsive, subject_name  # noqa: E402

TABLE = ROOT / "assets" / "readme" / "simulation.json"
TRAINING = FILMS[:18]
SEEING, ALL = (1, 2, 3), (1, 2, 3, 0)  # subjects; 0 is the null subject


def rendering(n_frames: int = 960) -> float:
    """Frames per second of the zoo's size on all cores, for a training film at 8 Hz."""
    share = n_frames // os.cpu_count()
    started = time.perf_counter()
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(_render, range(os.cpu_count()), [share] * os.cpu_count()))
    return round(share * os.cpu_count() / (time.perf_counter() - started), 1)


def _render(film: int, n_frames: int) -> int:
    return len(films.frames("train", film % 18, 0, n_frames, 8, film_pixels()))


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
    from neuroclips.preprocessing.build import choose_voxels
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


def cost() -> dict:
    """Seconds, memory of all processes together and disk of simulating everything, two films, and raw runs."""
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        one, few = ("simulate", "--subjects", 1), ("--films", "seg1,test1", "--out")
        every = ("simulate", "--subjects", "1,2,3,null", "--out", home / "all")
        return {
            "two films of one subject": _run(home, *one, *few, home / "few"),
            "all films of all subjects": _run(home, *every) | {"GB on disk": _gigabytes(home / "all")},
            "raw runs of two films": _run(home, *one, *few, home / "raw", "--raw"),
            "preprocess raw runs of two films, every vertex": _run(
                home, "preprocess", "--raw", home / "raw", "--alpha", 1, "--out", home / "pre"
            ),
        }


def _run(home: Path, *arguments) -> dict:
    """Run a verb with a cache of its own, watching the memory of its processes."""
    command = [sys.executable, "-m", "neuroclips", *map(str, arguments)]
    started, most = time.perf_counter(), 0.0
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        env={**os.environ, "NEUROCLIPS_CACHE": str(home / "cache")},
    )
    while process.poll() is None:
        most = max(most, _memory(process.pid))
        time.sleep(0.2)
    assert process.returncode == 0, arguments
    return {"seconds": round(time.perf_counter() - started, 1), "GB of memory": round(most, 2)}


def _memory(group: int) -> float:
    """Proportional memory of a process group [GB]: pages that processes share count once."""
    total = 0
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if os.getpgid(int(entry.name)) == group:
                rollup = (entry / "smaps_rollup").read_text()
                total += int(rollup.split("\nPss:")[1].split()[0])
        except (OSError, IndexError):  # it ended meanwhile
            continue
    return total / 1e6


def _gigabytes(folder: Path) -> float:
    return round(sum(f.stat().st_size for f in folder.rglob("*") if f.is_file()) / 1e9, 2)


def fields(subject: int) -> dict:
    home = cache_dir("simulated") / subject_name(subject)
    samples = np.load(home / "train_fmri.npy").mean(1)
    return recovery(samples, np.load(home / "vertex_index.npy"), TRAINING, Truth.load(home / "truth.npz"))


def of_rendering() -> dict:
    return {f"frames per second at {film_pixels()} x {film_pixels()}, all cores": rendering()}


def of_each(measured: Callable[[int], dict], subjects: Sequence[int]) -> dict[str, dict]:
    """Subject -> what is measured of it."""
    return {subject_name(subject): measured(subject) for subject in subjects}


SECTIONS = {
    "rendering": of_rendering,
    "selection": partial(of_each, quarter, ALL),
    "receptive fields": partial(of_each, fields, SEEING),
    "full density": partial(of_each, full, ALL),
    "cost": cost,
}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true", help="also test the selection at full density (minutes)")
    parser.add_argument("--time", action="store_true", help="also measure time and memory from scratch (minutes)")
    options = parser.parse_args()
    left_out = {"full density": not options.full, "cost": not options.time}
    measure(TABLE, SECTIONS, [name for name in SECTIONS if not left_out.get(name)])
    print(json.dumps(tables(TABLE), indent=1))
    print(*pictures.write_all(ROOT / "assets" / "readme"))
