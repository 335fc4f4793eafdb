"""Numbers in the shape of scores.json (schema 1), made up: what a page does with them is what is tested."""

from __future__ import annotations

import random
from typing import Any

FILM = {"ssim": 0.47, "psnr": 15.4, "frame_2_way": 0.9, "frame_41_way": 0.42, "video_2_way": 0.88,
        "video_50_way": 0.36, "clip_pcc": 0.978}  # fmt: skip
FLAT = {"ssim": 0.4956, "psnr": 13.6, "frame_2_way": 0.63, "frame_41_way": 0.05, "video_2_way": 0.53,
        "video_50_way": 0.03, "clip_pcc": 1.0}  # fmt: skip
ORACLE = {"ssim": 0.71, "psnr": 21.5, "frame_2_way": 0.98, "frame_41_way": 0.83, "video_2_way": 0.97,
          "video_50_way": 0.79, "clip_pcc": 0.981}  # fmt: skip
KINDS = {"full": "result", "no-keyframe": "ablation", "no-blurry": "ablation", "git": "ablation", "flat": "floor",
         "mean frame": "floor", "frozen": "floor", "best single": "floor", "shuffled": "floor", "zero": "control",
         "noise": "control", "null": "control", "other": "control", "prior": "control", "none": "control",
         "oracle": "ceiling"}  # fmt: skip
POOLS, CLIPS = [2, 5, 10, 20, 50, 100, 200, 300], list(range(300))


def scores(subjects: int = 3) -> dict[str, Any]:
    """The whole file."""
    draw = random.Random(0)
    protocols = {name: _protocol(draw, truths) for name, truths in (("paper", 1), ("mind-video", 3))}
    paper = protocols["paper"]
    paper["clip_p"] = {name: [round(draw.random() ** 4, 4) for _ in CLIPS] for name in FILM if name != "clip_pcc"}
    each = {"clips": CLIPS, "protocols": protocols, **_beside()}
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


def _protocol(draw: random.Random, truths: int) -> dict[str, Any]:
    lifted = {name: value + (1 - value) * 0.5 * (truths > 1) * ("way" in name) for name, value in FILM.items()}
    conditions = {}
    for name, kind in KINDS.items():
        share = {"result": 1.0, "ablation": draw.uniform(0.6, 1.05), "ceiling": 1.0}.get(kind, draw.uniform(0, 0.3))
        best = ORACLE if kind == "ceiling" else lifted
        values = {m: FLAT[m] if name == "flat" else FLAT[m] + share * (best[m] - FLAT[m]) for m in FILM}
        n, stored = (300, True) if name in ("full", "flat") else (100, False)
        conditions[name] = {
            "n": n,
            "kind": kind,
            "precomputed": stored,
            "metrics": {m: _interval(values[m], n) for m in FILM},
        }
    return {
        "conditions": conditions,
        "permutation": {m: _null(draw, lifted[m], FLAT[m]) for m in FILM if m != "clip_pcc"},
        "differences": {
            name: {m: _difference(lifted[m] - conditions[name]["metrics"][m]["value"]) for m in FILM}
            for name, kind in KINDS.items()
            if kind == "ablation"
        },
        "share": {m: _share(lifted[m], m) for m in FILM if m != "clip_pcc"},
    }


def _interval(value: float, n: int) -> dict[str, Any]:
    half = (0.4 if value > 5 else 0.02) * (300 / n) ** 0.5
    return {"value": round(value, 5), "ci": [round(value - half, 5), round(value + half, 5)], "sd": round(5 * half, 5)}


def _difference(value: float) -> dict[str, Any]:
    half = 0.5 if abs(value) > 1 else 0.02
    return {"value": round(value, 5), "ci": [round(value - half, 5), round(value + half, 5)], "p": 0.01, "n": 100}


def _share(value: float, name: str) -> dict[str, Any]:
    share = (value - FLAT[name]) / (ORACLE[name] - FLAT[name])
    return {"value": round(share, 5), "ci": [round(share - 0.05, 5), round(share + 0.05, 5)], "floor": "flat"}


def _null(draw: random.Random, value: float, floor: float) -> dict[str, Any]:
    sd = abs(value - floor) / 12 + 0.002
    edges = [floor + sd * step / 4 for step in range(-12, 13)]
    drawn = [draw.gauss(floor, sd) for _ in range(1000)]
    counts = [sum(low <= x < high for x in drawn) for low, high in zip(edges, edges[1:], strict=False)]
    return {"mean": floor, "sd": sd, "z": (value - floor) / sd, "p": 0.001, "n_permutations": 1000,
            "counts": counts, "edges": edges}  # fmt: skip


def _beside() -> dict[str, Any]:
    """What a subject has beside protocols."""
    chance, top1 = [1 / n for n in POOLS], [n**-0.2 for n in POOLS]
    found = {"n": 300, "pools": POOLS, "top1": top1, "top5": [min(1, 2 * x) for x in top1], "chance": chance,
             "ci": [[0.9 * x, min(1, 1.1 * x)] for x in top1], "without neighbours": [min(1, 1.2 * x) for x in top1]}  # fmt: skip
    word = {"value": 0.62, "ci": [0.56, 0.68], "chance": 0.09, "ceiling": 0.95}
    repeats = [1, 2, 3, 5, 10]
    return {
        "retrieval": {
            "keyframe": found,
            "fmri": found,
            "swapped": found | {"top1": chance, "ci": [[x, x] for x in chance]},
        },
        "words": {"object": word, "scene": word, "action": word, "cider": word | {"chance": None}, "clip_score": word},
        "repeats": {
            "repeats": repeats,
            "retrieval": [0.05 + 0.03 * n for n in repeats],
            "ci": [[0.03 + 0.03 * n, 0.07 + 0.03 * n] for n in repeats],
            "pixel_correlation": [0.4 + 0.02 * n for n in repeats],
            "noise_ceiling": {"median": 0.31, "reliable share": 0.6},
        },
        "spurious": {
            "nearest": {
                "distance": [0.1 + 0.8 * c / 300 for c in CLIPS],
                "ssim": [0.6 - 0.3 * c / 300 for c in CLIPS],
                "slope": -0.375,
            },
            "dimension": {"predicted": 14.2, "true": 31.0},
        },
        "examples": {
            "best": [3, 17, 40, 81],
            "median": [5, 6, 90, 120],
            "worst": [9, 200, 210, 299],
            "random": [50, 60, 70, 80],
        },
    }
