"""Which options of verbs that make data, ship or time films have an effect only beside others: a row for each."""

from __future__ import annotations

from typing import Any

from neuroclips.effects import Only

OF_PREPROCESS = (  # chosen: a PreprocessConfig
    *(
        Only(name, lambda config: config.alpha < 1, "with --alpha below 1: at 1 nothing is tested")
        for name in ("one_sided", "exclude_validation")
    ),
)

OF_SIMULATE = (  # chosen: the options by name
    Only("density", lambda given: not given["raw"], "without --raw, whose runs have full density"),
    Only("exclude_validation", lambda given: not given["raw"], "without --raw, whose runs hold every vertex"),
    Only("raw", lambda given: given["out"], "with --out", "add --out, a folder for the runs"),
    Only("raw", lambda given: not given["ship"], "without --ship"),
    Only("ship", lambda given: not given["out"], "without --out: only the standard dataset is shipped"),
)

OF_PRECOMPUTE = (  # chosen: the options by name
    Only("subject", lambda given: not given["ceilings"], "without --ceilings, which are those of clips"),
    Only("guidances", lambda given: not given["ceilings"], "without --ceilings"),
)

OF_EVALUATE = (  # chosen: the options by name
    Only("controls", lambda given: given["dataset"] == "simulated", "with --dataset simulated"),
    Only("controls", lambda given: given["zoo"] == "demo", "with --zoo demo"),
)

OF_BENCH = (  # chosen: the options by name
    *(
        Only(name, lambda given: not given["random_weights"], "without --random-weights, which reconstructs nothing")
        for name in ("clips", "subject", "video_steps", "start", "solver", "set")
    ),
    *(
        Only(name, lambda given: given["random_weights"], "with --zoo paper --random-weights")
        for name in ("pixels", "batch", "seconds")
    ),
    Only("random_weights", lambda given: given["zoo"] == "paper", "with --zoo paper", "add it"),
)

FLAT = "with --view flat and a picture, .png, .svg or .pdf"
PICTURE = (".png", ".svg", ".pdf")


def _is_picture(given: Any) -> bool:
    return given["out"] is not None and given["out"].name.lower().endswith(PICTURE)


OF_BRAIN = (  # chosen: the options by name
    *(
        Only(name, lambda given: not given["listed"], "without --list")
        for name in ("out", "region", "scale", "model", "layer", "view")
    ),
    *(
        Only(name, lambda given: not given["store"], "without --store, which makes the layers that ship")
        for name in ("out", "region", "scale", "model", "view", "source", "reconstructors")
    ),
    *(
        Only(name, lambda given: _is_picture(given) and given["view"] == "flat", FLAT)
        for name in ("zoom", "borders", "names", "flat_left", "flat_right")
    ),
    Only("view", _is_picture, "with a picture, .png, .svg or .pdf: .html is inflated, other files have no view"),
    Only("dpi", _is_picture, "with a picture"),
    Only("small", lambda given: _is_picture(given) and given["out"].suffix.lower() == ".png", "with a .png"),
    Only(
        "scale",
        lambda given: given["out"] is None or not given["out"].name.lower().endswith(".csv"),
        "without a table: its values are not scaled",
    ),
    *(Only(name, lambda given: given["dataset"] == "file", "with --dataset file") for name in ("vertex_index", "mask")),
)
