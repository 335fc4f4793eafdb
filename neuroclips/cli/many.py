"""reconstruct --clips: many clips of a test set into a folder of their own each."""

from __future__ import annotations

import sys
from pathlib import Path

import typer

from neuroclips.cli.telling import tell_before, tell_own
from neuroclips.effects import Only
from neuroclips.faults import FAULT
from neuroclips.files import to_json
from neuroclips.types import Request

OF_CLIPS = (  # chosen: the options by name
    *(Only(name, lambda given: given["clips"], "with --clips, of many clips") for name in ("batch_size", "portion")),
    Only("clip", lambda given: not given["clips"], "without --clips"),
)
BATCH = 4  # clips together on an accelerator; one on a CPU, where they gain nothing by it


def reconstruct_clips(
    request: Request, clips: str, batch_size: int | None, portion: str | None, out: Path, as_json: bool
) -> None:
    """Make the clips that are lacking in `out` and print what it came to; the exit code is 1 when clips failed."""
    from neuroclips.clips import parse_clips
    from neuroclips.data.base import check
    from neuroclips.placement import device_named
    from neuroclips.run import dataset_of
    from neuroclips.testsets.asked import WHOLE, ClipSet, parse_portion
    from neuroclips.testsets.manifest import made_with
    from neuroclips.testsets.spread import make_together
    from neuroclips.testsets.summary import summarise

    info = dataset_of(request).info
    check(info, request.subject)
    together = batch_size if batch_size is not None else 1 if device_named(request.device).type == "cpu" else BATCH
    tell_before(request)
    order = ClipSet(request, tuple(parse_clips(clips, info.n_clips)), together, out)
    done = make_together(order, parse_portion(portion) if portion else WHOLE)
    if done is None:  # another process tells
        return
    tell_own(request, made_with(out)["reconstructors"])
    summary = summarise(order, done.failed)
    print(to_json(summary.record()) if as_json else "\n".join(summary.lines(out)))
    if done.failed:
        print(f"{len(done.failed)} clips failed: start again to make them", file=sys.stderr)
        raise typer.Exit(FAULT)
