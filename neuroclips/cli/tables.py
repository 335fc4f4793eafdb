"""Which options of a verb have an effect only beside others: a row for each."""

from __future__ import annotations

from neuroclips.effects import Only

BLURRY = "with the blurry video, not with --no-alpha"
KEYFRAME = "with the keyframe, not with --no-beta"
CAPTION = "with the caption, not with --no-beta or --no-gamma"

OF_SETTINGS = (  # chosen: Settings
    *(Only(name, lambda s: s.guidance.alpha, BLURRY) for name in ("theta", "video_start", "keyframe_start")),
    *(
        Only(f"keyframe_{n}", lambda s: s.guidance.beta, KEYFRAME)
        for n in ("steps", "start", "guidance", "solver", "draws")
    ),
    Only("keyframe_near", lambda s: s.guidance.beta and s.keyframe_draws > 1, "with a keyframe of several draws"),
    *(Only(f"prior_{name}", lambda s: s.guidance.beta, KEYFRAME) for name in ("steps", "samples")),
    Only("captioner", lambda s: s.guidance.used.gamma, CAPTION),
    Only("guidance.gamma", lambda s: s.guidance.beta or not s.guidance.gamma, KEYFRAME),
)


OF_REQUEST = (  # chosen: a Request
    *(Only(name, lambda r: r.dataset == "file", "with --dataset file") for name in ("vertex_index", "mask")),
)

OF_PREPROCESS = (  # chosen: a PreprocessConfig
    Only("one_sided", lambda config: config.alpha < 1, "with --alpha below 1: at 1 nothing is tested"),
)

OF_SIMULATE = (  # chosen: the options by name
    Only("density", lambda given: not given["raw"], "without --raw, whose runs have full density"),
    Only("raw", lambda given: given["out"], "with --out", "add --out, a folder for the runs"),
    Only("raw", lambda given: not given["ship"], "without --ship"),
    Only("ship", lambda given: not given["out"], "without --out: only the standard dataset is shipped"),
    Only("ship", lambda given: any(given["subjects"]), "with a subject that is shipped: 1, 2 or 3"),
)
