"""What steps gave, kept for when they are taken again and nothing has changed that they depend on.

So a guidance is switched without decoding the brain anew. The last step, the film, is always made anew.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from neuroclips.types import FmriSample, Settings, Step

if TYPE_CHECKING:
    from neuroclips.progress import Running

Given = TypeVar("Given")
Recall: TypeAlias = "Callable[[Running, Callable[[], Given]], Given]"

_TOKENS = ("seed", "prior_steps", "prior_samples", "keyframe_draws")
_KEYFRAME = (
    *_TOKENS,
    "keyframe_near",
    "keyframe_steps",
    "keyframe_start",
    "keyframe_guidance",
    "keyframe_solver",
)
DEPENDS: dict[Step, tuple[str, ...]] = {  # on fields of Settings, beside the sample
    Step.BLURRY_VIDEO: (),
    Step.BRAIN_TOKENS: (),
    Step.IMAGE_TOKENS: _TOKENS,
    Step.KEYFRAME: _KEYFRAME,
    Step.CAPTION: (*_KEYFRAME, "captioner"),
}
ON_BLURRY = (Step.KEYFRAME, Step.CAPTION)  # what also depends on whether the blurry video starts the keyframe


class Memory:
    """The results of the last steps; the oldest are forgotten."""

    def __init__(self, most: int = 64):
        self.most, self._kept = most, OrderedDict[tuple, Any]()

    def of(self, models: str, samples: Sequence[FmriSample], settings: Settings) -> Recall:
        """What takes a step or, if it was taken by these models for these samples and settings, gives what it gave."""
        known = tuple(
            (s.subject, s.clip, hashlib.sha256(s.voxels.numpy(force=True).tobytes()).digest()) for s in samples
        )

        def recall(step: Running, make: Callable[[], Any]) -> Any:
            values = tuple(getattr(settings, name) for name in DEPENDS[step.step])
            key = (step.step, models, known, values, step.step in ON_BLURRY and settings.blurry_starts_keyframe)
            step.recalled = key in self._kept
            if not step.recalled:
                self._kept[key] = make()
            self._kept.move_to_end(key)
            while len(self._kept) > self.most:
                self._kept.popitem(last=False)
            return self._kept[key]

        return recall


def take(step: Running, make: Callable[[], Given]) -> Given:
    """Take a step, without a memory."""
    return make()
