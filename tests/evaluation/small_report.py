"""A report of two subjects as scores.json has it, with numbers that tests know."""

METRICS = {"ssim": 0.47, "psnr": 15.4, "frame_2_way": 0.9, "frame_41_way": 0.45, "video_2_way": 0.88, "clip_pcc": 0.98}
KINDS = {
    "full": "result",
    "no-keyframe": "ablation",
    "no-blurry": "ablation",
    "git": "ablation",
    "zero": "control",
    "flat": "floor",
    "shuffled": "floor",
    "oracle": "ceiling",
}
LESS = {"full": 1.0, "no-keyframe": 0.8, "no-blurry": 0.95, "git": 0.99, "zero": 0.6, "flat": 1.05, "shuffled": 0.5}
CLIPS = [23, 32, 3, 46]  # shipped with every combination of guidances


def scored(value: float, wide: float = 0.02) -> dict:
    return {"value": value, "ci": [value - wide, value + wide], "sd": 5 * wide}


def condition(name: str, protocol: str) -> dict:
    share = LESS.get(name, 1.2)
    found = {
        metric: scored(value * share) for metric, value in METRICS.items() if protocol == "paper" or metric != "psnr"
    }
    n = 300 if name in ("full", "flat", "shuffled") else 100
    return {"n": n, "kind": KINDS[name], "precomputed": name == "full", "metrics": found}


def of_protocol(protocol: str) -> dict:
    null = {"mean": 0.25, "sd": 0.02, "z": 11.0, "p": 1 / 1001, "n_permutations": 1000}
    difference = {"value": 0.09, "ci": [0.04, 0.14], "p": 0.0004, "n": 100}
    return {
        "conditions": {name: condition(name, protocol) for name in KINDS},
        "permutation": {"ssim": null | {"counts": [1, 6, 3], "edges": [0.2, 0.24, 0.28, 0.32]}},
        "differences": {
            "no-keyframe": {
                "frame_2_way": difference,
                "ssim": difference | {"value": 0.01, "ci": [-0.02, 0.04], "p": 0.4},
                "video_2_way": difference | {"value": -0.09, "ci": [-0.14, -0.04]},
            },
            "zero": {"frame_2_way": difference},
        },
        "share": {"frame_2_way": {"value": 0.61, "ci": [0.5, 0.7], "floor": "shuffled"}},
    }


def of_subject() -> dict:
    found = {"n": 300, "pools": [2, 30, 300], "top1": [0.95, 0.6, 0.32], "ci": [[0.9, 0.98], [0.5, 0.7], [0.27, 0.37]]}
    found |= {"chance": [0.5, 1 / 30, 1 / 300]}
    return {
        "clips": list(range(300)),
        "protocols": {name: of_protocol(name) for name in ("paper", "mind-video")},
        "retrieval": {"keyframe": found | {"without neighbours": [0.94, 0.59, None]}, "fmri": found},
        "words": {"object": scored(0.6) | {"chance": 0.05, "shuffled": 0.04, "ceiling": 0.98}},
        "repeats": {"repeats": [1, 10], "retrieval": [0.1, 0.32], "ci": [[0.05, 0.15], [0.27, 0.37]]},
        "spurious": {"nearest": {"clips": [23], "film": ["seg2"], "tr": [4], "distance": [0.2]}},
        "examples": {"best": [23, 32], "median": [3], "worst": [46], "random": [32]},
    }


def small_report() -> dict:
    """Anew for every test, which may change it."""
    return {
        "schema": 1,
        "version": "0.16.0",
        "made": {"zoo": "demo", "dataset": "simulated", "simulated": True, "judges": "demo", "seed": 0},
        "subjects": {"1": of_subject(), "2": of_subject()},
        "mean": {"protocols": {name: of_protocol(name) for name in ("paper", "mind-video")}},
        "leaks": [{"check": "Shots of two splits", "passed": True, "found": "0 of 1,200 <test> shots."}],
    }
