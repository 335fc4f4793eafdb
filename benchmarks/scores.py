"""Score the reconstructions of the shipped test clips: python benchmarks/scores.py [SECTION ...]

Reads the shipped scores of assets/precomputed, which `python -m neuroclips precompute` wrote, and writes the sections
(default: all) into assets/readme/scores.json with the version.
`python benchmarks/results.py` makes the tables of docs/results.md.
"""

from __future__ import annotations

import sys
from dataclasses import asdict
from functools import partial
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from stored import measure  # noqa: E402

from neuroclips import precomputed  # noqa: E402
from neuroclips.data.simulated import N_SHIPPED  # noqa: E402
from neuroclips.evaluation.shipped import evaluate  # noqa: E402

TABLE = ROOT / "assets" / "readme" / "scores.json"
SUBJECTS, FIRST = (1, 2, 3), 30  # subjects, and how many of their clips versions before 0.10 were scored on


def of_subject(subject: int) -> dict[str, float]:
    """Scores over all shipped test clips, beside floors and chance."""
    made = len(precomputed.load_all(subject))
    if made < N_SHIPPED:
        command = f"python -m neuroclips precompute --subject {subject} --clips 0:{N_SHIPPED}"
        sys.exit(f"scores: got {made} precomputed clips of subject {subject}, expected {N_SHIPPED}: run {command}")
    found = evaluate(subject)
    rows: dict[str, float] = {"clips": found.clips}
    for kind, scores in (("video", found.scores.video), ("flat colour", found.scores.flat_colour)):
        rows |= {f"{name}, {kind}": round(value, 4) for name, value in asdict(scores).items()}
    got = found.retrieval
    return rows | {"retrieval": got.top1, "retrieval, swapped": got.swapped, "retrieval, chance": got.chance}


def of_first(subject: int) -> dict[str, float]:
    """Mean scores of the first clips, on which early versions were scored."""
    scores = [summary["scores"]["video"] for summary in precomputed.load_all(subject)[:FIRST]]
    return {name: round(float(np.mean([row[name] for row in scores])), 4) for name in scores[0]}


SECTIONS = {f"subject {s}": partial(of_subject, s) for s in SUBJECTS}
SECTIONS |= {f"{FIRST} clips, subject {s}": partial(of_first, s) for s in SUBJECTS}

if __name__ == "__main__":
    measure(TABLE, SECTIONS, sys.argv[1:])
