"""Seconds from a switch to its film, what was decoded before being kept: python benchmarks/flips.py [SECTION ...]

Through the Python API with a memory, and through the app as a page asks it. Writes the sections (default: both) into
assets/readme/timing.json with the version.
"""

from __future__ import annotations

import json
import sys
import time
import urllib.request
from pathlib import Path
from statistics import median
from urllib.parse import urlencode

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from measure import TABLE  # noqa: E402
from start import free_port, started, wait_for  # noqa: E402
from stored import measure  # noqa: E402

from neuroclips.bench.shipped import machine  # noqa: E402
from neuroclips.data.registry import load_dataset  # noqa: E402
from neuroclips.memory import Memory  # noqa: E402
from neuroclips.pipeline import load_pipeline  # noqa: E402
from neuroclips.ui.asked import request_of  # noqa: E402

CLIPS = range(1, 6)  # after clip 0, which loads the models
ENDED = ("done", "failed", "cancelled")
# what a page sends, in this order, of each clip; the first decodes everything
FLIPS: dict[str, dict[str, object]] = {
    "everything": {},
    "γ off": {"gamma": False},
    "GIT": {"captioner": "git"},
    "words of one's own": {"prompt": "a cat running in the snow"},
    "β off": {"beta": False},
    "words, β off": {"beta": False, "prompt": "a cat running in the snow"},
    "theta 0.6": {"theta": 0.6},
    "α off, keyframe kept": {"alpha": False, "keep_keyframe": True},
    "α off, keyframe anew": {"alpha": False},
}


def in_python() -> dict[str, float | str]:
    """Median seconds of each, of the pipeline alone."""
    pipeline, data, memory = load_pipeline(), load_dataset(), Memory()

    def film(clip: int, flip: dict[str, object]) -> float:
        begun = time.perf_counter()
        pipeline(data.sample(1, clip), request_of({"subject": 1, "clip": clip, **flip}).settings, memory=memory)
        return time.perf_counter() - begun

    for flip in FLIPS.values():
        film(0, flip)
    took = {(name, clip): film(clip, flip) for clip in CLIPS for name, flip in FLIPS.items()}
    rows = {name: round(median(took[name, clip] for clip in CLIPS), 2) for name in FLIPS}
    return {**rows, "machine": machine()}


def in_the_app() -> dict[str, float | str]:
    """Median seconds until a page has the film, and behind it "scored" until it has the scores as well."""
    port = free_port()
    server, address = started(port), f"http://127.0.0.1:{port}/"
    try:
        wait_for(address, server)
        for flip in FLIPS.values():
            followed(address, 0, flip)
        took = {(name, clip): followed(address, clip, flip) for clip in CLIPS for name, flip in FLIPS.items()}
    finally:
        server.terminate()
        server.wait(10)
    rows: dict[str, float | str] = {}
    for name in FLIPS:
        film, scored = (round(median(took[name, clip][i] for clip in CLIPS), 2) for i in (0, 1))
        rows |= {name: film, f"{name}, scored": scored}
    return rows | {"machine": machine()}


def followed(address: str, clip: int, flip: dict[str, object]) -> tuple[float, float]:
    """Seconds from a question to its film and to its end, as a page hears of them."""
    query = urlencode({name: value if isinstance(value, str) else json.dumps(value) for name, value in flip.items()})
    begun, film = time.perf_counter(), 0.0
    with urllib.request.urlopen(f"{address}_nc/follow?subject=1&clip={clip}&{query}") as stream:
        for line in stream:
            if not line.startswith(b"data: "):
                continue
            now, past = json.loads(line.removeprefix(b"data: ")), time.perf_counter() - begun
            film = film or ("video" in now.get("files", {})) * past
            if now["state"] in ENDED:
                assert now["state"] == "done" and not now.get("kept"), now
                return film, past
    raise RuntimeError("the app hung up")


SECTIONS = {"seconds of a flip": in_python, "seconds of a flip, app": in_the_app}

if __name__ == "__main__":
    measure(TABLE, SECTIONS, sys.argv[1:])
