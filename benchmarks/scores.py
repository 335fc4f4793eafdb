"""Scores of the shipped test clips for docs/results.md: python benchmarks/scores.py [SECTION ...]

Reads assets/evaluation, which `python -m neuroclips evaluate --subject all --ablations --controls` wrote: scores of the
film files. Those that precompute kept beside films (until 0.15) were of the frames before they were written; they
differ by what compression takes. Writes the sections (default: all) into assets/readme/scores.json with the version.
`python benchmarks/results.py` makes the tables of docs/results.md.
"""

from __future__ import annotations

import csv
import sys
from functools import cache, partial
from pathlib import Path
from statistics import fmean

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from stored import measure  # noqa: E402

from neuroclips.evaluation import stored as evaluation  # noqa: E402
from neuroclips.metrics.scores import ABOUT  # noqa: E402

TABLE = ROOT / "assets" / "readme" / "scores.json"
SUBJECTS, FIRST = (1, 2, 3), 30  # subjects, and how many of their clips versions before 0.10 were scored on
PROTOCOL = "paper"


@cache
def evaluated() -> dict:
    """The report that ships."""
    if (report := evaluation.read()) is None:
        sys.exit(f"scores: got no {evaluation.FOLDER / evaluation.SCORES}: run evaluate --subject all first")
    return report


def of_subject(subject: int) -> dict[str, float]:
    """Scores over all shipped test clips, beside floors and chance."""
    found = evaluated()["subjects"][str(subject)]
    conditions = found["protocols"][PROTOCOL]["conditions"]
    rows: dict[str, float] = {"clips": conditions["full"]["n"]}
    for kind, name in (("video", "full"), ("flat colour", "flat")):
        rows |= {f"{metric}, {kind}": round(conditions[name]["metrics"][metric]["value"], 4) for metric in ABOUT}
    keyframe, swapped = found["retrieval"]["keyframe"], found["retrieval"]["swapped"]
    rows |= {"retrieval": keyframe["top1"][-1], "retrieval, swapped": swapped["top1"][-1]}
    return rows | {"retrieval, chance": keyframe["chance"][-1]}


def of_first(subject: int) -> dict[str, float]:
    """Mean scores of the first clips, on which early versions were scored."""
    with (evaluation.FOLDER / evaluation.CLIPS).open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if _is_of(row, subject)]
    return {metric: round(fmean(float(row[metric]) for row in rows), 4) for metric in ABOUT}


def _is_of(row: dict[str, str], subject: int) -> bool:
    of = (row["subject"], row["condition"], row["protocol"])
    return of == (str(subject), "full", PROTOCOL) and int(row["clip"]) < FIRST


SECTIONS = {f"subject {s}": partial(of_subject, s) for s in SUBJECTS}
SECTIONS |= {f"{FIRST} clips, subject {s}": partial(of_first, s) for s in SUBJECTS}

if __name__ == "__main__":
    measure(TABLE, SECTIONS, sys.argv[1:])
