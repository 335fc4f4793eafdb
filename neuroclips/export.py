"""A reconstruction as files: ground_truth.mp4, blurry.mp4, keyframe.png, video.mp4, reconstruction.json.

What writes films is imported when one is written: the page asks for no more than the names.
"""

from __future__ import annotations

import hashlib
from dataclasses import asdict
from pathlib import Path

from neuroclips.files import whole_files, write_json
from neuroclips.metrics.scores import ScoredBeside
from neuroclips.types import FmriSample, Reconstruction, Result, Step

TRUTH, RECORD = "ground_truth.mp4", "reconstruction.json"
PERCEPTION_FPS = 3  # [Hz], of the blurry video
FILES = {Step.BLURRY_VIDEO: "blurry.mp4", Step.KEYFRAME: "keyframe.png", Step.VIDEO: "video.mp4"}


def record(reconstruction: Reconstruction, sample: FmriSample, dataset: str, scores: ScoredBeside | None) -> dict:
    """What reconstruction.json says; `frames_sha256` is that of the video's uint8 frames.

    `scores` are null where there are no films to compare with; `metrics.scores.read` gives them back.
    """
    from neuroclips.media import to_uint8

    frames = to_uint8(reconstruction.video)
    return {
        "subject": sample.subject,
        "clip": sample.clip,
        "zoo": reconstruction.zoo,
        "dataset": dataset,
        **reconstruction.settings.record(),
        "reconstructors": {role: dict(origin) for role, origin in reconstruction.reconstructors.items()},
        "precision": reconstruction.precision,
        "caption": reconstruction.caption,
        "keyframe_likeness": [round(value, 4) for value in reconstruction.likeness],
        "seconds": reconstruction.seconds,
        "scores": asdict(scores) if scores else None,
        "frames_sha256": hashlib.sha256(frames.tobytes()).hexdigest(),
    }


def save(folder: Path, result: Result) -> None:
    """Put every file of a scored reconstruction into `folder`, in the place of an earlier one: all of them, or none.

    reconstruction.json leaves first and comes last: where it is, the films are those that it tells of.
    """
    from neuroclips.media import write_image, write_video

    made = result.reconstruction
    with whole_files(folder, RECORD, gone=(TRUTH, *FILES.values())) as new:
        if result.truth is not None:
            write_video(new / TRUTH, result.truth, result.fps)
        write_video(new / FILES[Step.BLURRY_VIDEO], made.blurry_video, PERCEPTION_FPS)
        write_video(new / FILES[Step.VIDEO], made.video, result.fps)
        if made.keyframe is not None:
            write_image(new / FILES[Step.KEYFRAME], made.keyframe)
        write_json(new / RECORD, result.summary)
