"""The stored ceiling of a clip, for requests whose generator is the one that the ceiling was made by."""

from __future__ import annotations

from neuroclips import precomputed
from neuroclips.commands import flat
from neuroclips.data.simulated import SHIPPED_FILMS
from neuroclips.evaluation.brain_share import NO_CEILING
from neuroclips.metrics.scores import Scores
from neuroclips.run import dataset_of
from neuroclips.types import Request
from neuroclips.zoo import DEFAULT, zoo_named

# what the oracle's film does not depend on, beside the seed: it is given keyframe, blurry video and caption
FREE = ("seed", "captioner", "keep_keyframe")
DECODED = ("guidance.", "prior_", "keyframe_")


def ceiling_of(request: Request) -> Scores | str:
    """The stored score of the oracle's film of a clip, or why none is stored that its film may stand beside.

    Its generator needs to be that of the request: the zoo's video model and settings; of the seed the ceiling is 0's.
    Whose reconstructors decode plays no part, as the oracle decodes nothing.
    """
    info = dataset_of(request).info
    film = request.clip // info.clips_per_run
    if request.zoo != DEFAULT:
        return f"a ceiling is stored of the models of zoo {DEFAULT} alone"
    if info.scripted[film : film + 1] != SHIPPED_FILMS[film : film + 1]:
        return NO_CEILING
    if other := _others(request):
        return f"the stored ceiling is of other settings: {', '.join(other)}"
    return precomputed.ceilings().get(request.clip) or NO_CEILING


def _others(request: Request) -> list[str]:
    """Settings of the generator that are not the zoo's."""
    usual = zoo_named(request.zoo).settings
    now = flat(request.settings or usual)
    return [
        name
        for name, value in flat(usual).items()
        if now[name] != value and name not in FREE and not name.startswith(DECODED)
    ]
