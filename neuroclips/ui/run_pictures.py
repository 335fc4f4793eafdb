"""Curves and samples of a training run, as pages show them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from neuroclips.paths import CHECKPOINTS
from neuroclips.reading import read_json
from neuroclips.ui import curves
from neuroclips.ui.offered import card, linear_scores, offered
from neuroclips.ui.run_files import Stamp, log_of
from neuroclips.ui.run_record import Record
from neuroclips.ui.web import PREFIX

HOME = f"{PREFIX}/training"
SAMPLES = "samples/samples.json"  # in the folder of a run
SCORES = {"perception": "pixel correlation", "prior": "cosine"}  # drawn; of the others retrieval


def score_name(stage: str) -> str:
    return SCORES.get(stage, "retrieval")


@lru_cache(maxsize=2)
def pictures(record: Record, logged: Stamp, sampled: Stamp) -> dict[str, Any]:
    """Curves and samples, by the files that they are of."""
    choices, shown, log = record.choices, _samples(record, sampled[0]), log_of(logged[0].parent)
    n, name = choices.steps or 0, score_name(choices.stage)
    points = [(x["step"] + 1, float(x["validation"][name])) for x in log if name in x.get("validation", {})]
    lines = references(record, shown)
    return {
        "loss": curves.loss_svg(log, n),
        "score": curves.score_svg(points, lines, n, f"{name} on validation films"),
        "score name": f"{name}, on validation films",
        "sources": _sources(record, lines),
        "samples": shown,
    }


def references(record: Record, shown: Mapping[str, Any]) -> dict[str, float]:
    """What a score is drawn beside: chance, the linear baseline and the shipped weights, where they compare."""
    choices, name = record.choices, score_name(record.choices.stage)
    lines = {"chance": shown["chance"][name]} if name in shown.get("chance", {}) else {}
    if choices.source:
        return lines
    baseline, shipped = linear_scores(choices.subject), card(choices.stage, choices.subject).get("scores", {})
    lines |= {"linear baseline": baseline[name]} if name in baseline else {}
    return lines | ({"shipped weights": shipped[name]} if name in shipped else {})


def _sources(record: Record, lines: Mapping[str, float]) -> str:
    """Where the numbers of the lines are from."""
    role = offered(record.choices.stage).card
    where = CHECKPOINTS.name, "demo", f"subject{record.choices.subject}", role, "training.json"
    said = {
        "chance": "chance: the same predictions against other clips, at this validation"
        if record.choices.stage in SCORES
        else "chance: 1 among the validation clips",
        "linear baseline": "linear baseline: assets/simulated/linear.json, the same films",
        "shipped weights": f"shipped weights: {'/'.join(map(str, where))}, the same films",
    }
    return "; ".join(said[name] for name in lines)


def _samples(record: Record, path: Path) -> dict[str, Any]:
    """What the last validation showed, with addresses in place of names."""
    if not path.exists():
        return {}
    shown: dict[str, Any] = read_json(path)
    url = f"{HOME}/samples/{record.name}/"
    for sample in shown["samples"]:
        for key in ("truth", "film"):
            if key in sample:
                sample[key] = url + sample[key]
        if "nearest" in sample:
            sample["nearest"] = [url + name for name in sample["nearest"]]
    return shown
