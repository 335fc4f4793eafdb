"""Which options of verbs that make data, ship or time films have an effect only beside others: a row for each."""

from __future__ import annotations

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
