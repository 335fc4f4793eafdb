"""The names of all training stages; no more is needed to list them."""

from __future__ import annotations

# name -> where its StageSpec is, which is imported when the stage is run
STAGES: dict[str, str] = {
    "perception": "reconstructors.perception:STAGE",
    "semantic": "reconstructors.semantic:STAGE",
    "prior": "reconstructors.prior:STAGE",
    "linear": "reconstructors.linear:STAGE",
    "projector": "reconstructors.projector:STAGE",
    "fusion": "reconstructors.fusion:STAGE",
    "zoo-codec": "demo_zoo.codec:STAGE",
    "zoo-clip": "demo_zoo.clip:STAGE",
    "zoo-keyframes": "demo_zoo.keyframes:STAGE",
    "zoo-keyframes-decoded": "demo_zoo.decoded_keyframes:STAGE",
    "zoo-captioner": "demo_zoo.captioner:STAGE",
    "zoo-git": "demo_zoo.git:STAGE",
    "zoo-video": "demo_zoo.video:STAGE",
    "zoo-frame-judge": "demo_zoo.judges:FRAME_STAGE",
    "zoo-own-frame-judge": "demo_zoo.judges:OWN_FRAME_STAGE",
    "zoo-video-judge": "demo_zoo.judges:VIDEO_STAGE",
}

SERIES = "zoo-all"  # zoo-codec, zoo-keyframes and zoo-video one after the other
