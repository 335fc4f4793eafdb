"""Where the words of a film came from: its decoded keyframe, and never the true frame or the true caption."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from neuroclips import precomputed
from neuroclips.data.simulated import SimulatedDataset
from neuroclips.evaluation.leaks.check import Check
from neuroclips.media import read_image
from neuroclips.metrics.frames import N_SCORED
from neuroclips.types import Step
from neuroclips.zoo import load_part, zoo_named

CHECK, LOOKED_AT = "Words come from the decoded keyframe", 10  # clips of each subject, evenly spread
ENOUGH = 0.9  # of the sentences that must come again: stored pictures are compressed


def checks(subjects: Sequence[int]) -> list[Check]:
    """Whether the captioner says of stored keyframes what the records say, and what it would say of the true frames."""
    rows = [row for subject in subjects for row in sentences(subject)]
    return [
        verdict(rows) if rows else Check(CHECK, None, "No film is precomputed: run python -m neuroclips precompute.")
    ]


def verdict(rows: Sequence[tuple[str, str, str, str]]) -> Check:
    """Of (recorded caption, that of the stored keyframe, that of the true frame, the true one) of several films."""
    again, of_truth, true = (sum(row[0] == row[other] for row in rows) for other in (1, 2, 3))
    return Check(
        CHECK,
        again >= ENOUGH * len(rows) and of_truth < again,
        f"Of {len(rows)} recorded captions {again} are what the captioner says of the stored keyframe, looked at "
        f"again; {of_truth} are what it says of the true frame, and {true} are the true caption.",
    )


@torch.no_grad()
def sentences(subject: int) -> list[tuple[str, str, str, str]]:
    """What `verdict` reads, of LOOKED_AT precomputed films of a subject; empty where it has none."""
    films, data = precomputed.load_all(subject), SimulatedDataset()
    films = films[:: max(1, len(films) // LOOKED_AT)][:LOOKED_AT]
    clips, captioner = [film["clip"] for film in films], load_part(zoo_named(), f"captioner/{precomputed.CAPTIONER}")
    if not clips:
        return []
    decoded = torch.stack([read_image(precomputed.files(subject, clip)[Step.KEYFRAME]) for clip in clips])
    true = torch.stack([data.stimulus(clip, N_SCORED)[0] for clip in clips])  # the frame that a keyframe is one of
    said = [film["caption"] for film in films]
    return list(zip(said, captioner(decoded), captioner(true), map(data.caption, clips), strict=True))
