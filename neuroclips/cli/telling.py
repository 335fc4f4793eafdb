"""What `reconstruct` says on stderr beside its result: where it computes, how far it is, what it leaves out."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING

from neuroclips.commands import PLACE

if TYPE_CHECKING:
    from neuroclips.types import Request, Stage


def tell_before(request: Request, fused: bool = False) -> None:
    """Where a request computes, unless it is a small zoo's in its usual place, and words that are not read.

    Of several processes the first tells.
    """
    if int(os.environ.get("RANK") or 0):
        return
    from neuroclips.lesions import Silenced
    from neuroclips.placement import told
    from neuroclips.run import placed, settings_of
    from neuroclips.vocabulary import vocabulary
    from neuroclips.zoo import zoo_named

    zoo, placement = zoo_named(request.zoo), placed(request, fused)
    settings = request.settings or zoo.settings
    if zoo.is_large or any(getattr(request, name) is not None for name in PLACE):
        _say(f"neuroclips: {told(zoo, placement, zoo.roles(settings, fused=fused))}")
    for edit in settings_of(request).edits:
        if isinstance(edit, Silenced):
            _say(edit.told)
    if (known := vocabulary(zoo)) and (unread := known.unread(settings.used.prompt or "")):
        _say(f"words that the text encoder of zoo {zoo.name} does not read: {', '.join(unread)}")


def tell_own(request: Request, origins: Mapping[str, Mapping[str, str]]) -> None:
    """What a folder of one's own lacks; origins : of the reconstructors that were used."""
    from neuroclips.subject_models import told

    own = request.reconstructors
    if own and (line := told(own, request.zoo, request.subject, origins)):
        _say(line)


class ProgressBar:
    """One line per step."""

    def __init__(self, quiet: bool):
        self.quiet = quiet

    def __call__(self, stage: Stage) -> None:
        if not self.quiet:
            end = "\n" if stage.fraction == 1 else "\r"
            print(f"{stage.step:14} {stage.fraction:4.0%} {stage.seconds:6.2f} s", end=end, file=sys.stderr, flush=True)

    def close(self) -> None:
        if not self.quiet:
            print(file=sys.stderr)


def _say(line: str) -> None:
    print(line, file=sys.stderr)
