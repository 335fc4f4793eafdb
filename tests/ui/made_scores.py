"""Numbers in the shape of scores.json (schema 1), made up: what a page does with them is what is tested."""

from __future__ import annotations

import random
from typing import Any

from neuroclips.metrics.protocols import PROTOCOLS, Protocol

# of the decoded film, of a flat colour, of the oracle
NUMBERS = {
    "ssim": (0.47, 0.4956, 0.71),
    "psnr": (15.4, 13.6, 21.5),
    "pixel_correlation": (0.52, 0.0, 0.84),
    "frame_2_way": (0.9, 0.63, 0.98),
    "frame_39_way": (0.43, 0.06, 0.84),
    "frame_41_way": (0.42, 0.05, 0.83),
    "video_2_way": (0.88, 0.53, 0.97),
    "video_50_way": (0.36, 0.03, 0.79),
    "clip_likeness": (0.71, 0.42, 0.9),
    "clip_two_way": (0.91, 0.5, 0.99),
    "clip_pcc": (0.978, 1.0, 0.981),
    "end_point_error": (1.1, 1.3, 0.6),
    "motion_energy": (0.2, 0.0, 0.7),
}
KINDS = {"full": "result", "no-keyframe": "ablation", "no-blurry": "ablation", "git": "ablation", "flat": "floor",
         "mean frame": "floor", "frozen": "floor", "best single": "floor", "shuffled": "floor", "zero": "control",
         "noise": "control", "null": "control", "other": "control", "prior": "control", "none": "control",
         "oracle": "ceiling"}  # fmt: skip
POOLS, CLIPS = [2, 5, 10, 20, 50, 100, 200, 300], list(range(300))


def scores(subjects: int = 3, worst: int = 200) -> dict[str, Any]:
    """The whole file. worst : the clip that is shown as the worst of all."""
    draw = random.Random(0)
    protocols = {name: _protocol(draw, protocol) for name, protocol in PROTOCOLS.items()}
    told = protocols["paper"]["permutation"]
    protocols["paper"]["clip_p"] = {metric: [round(draw.random() ** 4, 4) for _ in CLIPS] for metric in told}
    each = {"clips": CLIPS, "protocols": protocols, **_beside(worst)}
    return {
        "schema": 1,
        "version": "0.16.0",
        "made": {"zoo": "demo", "dataset": "simulated", "simulated": True, "judges": "demo", "seed": 0},
        "subjects": {str(subject): each for subject in range(1, subjects + 1)},
        "mean": {"protocols": protocols},
        "leaks": [
            {"check": "shared shots", "passed": True, "found": "No test clip shows a shot of a training film."},
            {"check": "voxel selection", "passed": False, "found": "It sees all 18 films, validation films too."},
            {"check": "captions", "passed": None, "found": "Nobody looked yet."},
        ],
    }


def _protocol(draw: random.Random, protocol: Protocol) -> dict[str, Any]:
    names = [name for name in protocol.metrics if name in NUMBERS]
    seen = [name for name in names if name != "clip_pcc"]
    conditions = {}
    for name, kind in KINDS.items():
        share = {"result": 1.0, "ablation": draw.uniform(0.6, 1.05), "ceiling": 1.0}.get(kind, draw.uniform(0, 0.3))
        values = {m: _between(m, 0.0 if name == "flat" else share, kind == "ceiling") for m in names}
        n, stored = (300, True) if name in ("full", "flat") else (100, False)
        scored = {m: _interval(value, n) for m, value in values.items()}
        conditions[name] = {"n": n, "kind": kind, "precomputed": stored, "metrics": scored}
    values = {name: {m: score["value"] for m, score in row["metrics"].items()} for name, row in conditions.items()}
    return {
        "conditions": conditions,
        "permutation": {m: _null(draw, *NUMBERS[m][:2]) for m in seen},
        "differences": {
            name: {m: _difference(values["full"][m] - values[name][m]) for m in names}
            for name, kind in KINDS.items()
            if kind == "ablation"
        },
        "share": {m: _share(*NUMBERS[m]) for m in seen},
    }


def _between(metric: str, share: float, ceiling: bool) -> float:
    film, flat, oracle = NUMBERS[metric]
    return oracle if ceiling else flat + share * (film - flat)


def _interval(value: float, n: int) -> dict[str, Any]:
    half = (0.4 if value > 5 else 0.02) * (300 / n) ** 0.5
    return {"value": round(value, 5), "ci": [round(value - half, 5), round(value + half, 5)], "sd": round(5 * half, 5)}


def _difference(value: float) -> dict[str, Any]:
    half = 0.5 if abs(value) > 1 else 0.02
    return {"value": round(value, 5), "ci": [round(value - half, 5), round(value + half, 5)], "p": 0.01, "n": 100}


def _share(film: float, flat: float, oracle: float) -> dict[str, Any]:
    share = (film - flat) / (oracle - flat)
    return {"value": round(share, 5), "ci": [round(share - 0.05, 5), round(share + 0.05, 5)], "floor": "flat"}


def _null(draw: random.Random, value: float, floor: float) -> dict[str, Any]:
    sd = abs(value - floor) / 12 + 0.002
    edges = [floor + sd * step / 4 for step in range(-12, 13)]
    drawn = [draw.gauss(floor, sd) for _ in range(1000)]
    counts = [sum(low <= x < high for x in drawn) for low, high in zip(edges, edges[1:], strict=False)]
    return {"mean": floor, "sd": sd, "z": (value - floor) / sd, "p": 0.001, "n_permutations": 1000,
            "counts": counts, "edges": edges}  # fmt: skip


def _beside(worst: int) -> dict[str, Any]:
    """What a subject has beside protocols."""
    chance, top1 = [1 / n for n in POOLS], [n**-0.2 for n in POOLS]
    found: dict[str, Any] = {"n": 300, "pools": POOLS, "top1": top1, "top5": [min(1, 2 * x) for x in top1]}
    found |= {"ci": [[0.9 * x, min(1, 1.1 * x)] for x in top1], "chance": chance}
    found |= {"without neighbours": [min(1, 1.2 * x) for x in top1], "largest without neighbours": 240}
    swapped = found | {"top1": chance, "ci": [[x, x] for x in chance]}
    word = {"value": 0.62, "ci": [0.56, 0.68], "shuffled": 0.1, "ceiling": 0.95}
    third = {"value": 0.5, "ci": [0.45, 0.55]}
    distance = {"slope": -0.02, "slope ci": [-0.03, -0.01], "thirds": dict.fromkeys(("near", "middle", "far"), third)}
    counts = [1, 2, 3, 5, 10]
    grows = [0.05 + 0.03 * n for n in counts]
    ends = [[x - 0.02, x + 0.02] for x in grows]
    return {
        "retrieval": {"keyframe": found, "fmri": found, "swapped": swapped},
        "words": {name: word | {"chance": 0.09} for name in ("object", "scene", "action")} | {"cider": word},
        "repeats": {
            "repeats": counts,
            "noise ceiling": {"median": 0.31, "reliable share": 0.6},
            "retrieval": grows,
            "ci": ends,
            "pixel_correlation": [0.4 + x / 3 for x in grows],
            "pixel_correlation ci": [[0.38 + x / 3, 0.42 + x / 3] for x in grows],
            "chance": 1 / 300,
        },
        "spurious": {
            "nearest": {
                "distance": [0.1 + c / 900 for c in CLIPS],
                "by distance": {"ssim": distance, "psnr": distance},
            },
            "dimension": {"predicted": 14.2, "true": 31.0},
        },
        "examples": {"best": [3, 17], "median": [5, 6], "worst": [9, worst], "random": [50, 60]},
    }
