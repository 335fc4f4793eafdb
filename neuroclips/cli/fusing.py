"""reconstruct --clips ... --fuse: neighbouring clips of one class become one film."""

from __future__ import annotations

import os
from pathlib import Path

from neuroclips.cli.telling import ProgressBar, tell_before, tell_own
from neuroclips.effects import Only
from neuroclips.errors import InputError
from neuroclips.files import to_json
from neuroclips.types import Request

OF_FUSION = (  # chosen: the options by name
    Only("fuse", lambda given: given["clips"], "with --clips, of several clips", "add --clips, such as --clips 12-20"),
    *(Only(name, lambda given: given["fuse"], "with --fuse", "add --fuse") for name in ("longest", "join")),
    Only("portion", lambda given: not given["fuse"], "without --fuse: a film may go on in the next portion"),
)


def reconstruct_fused(
    request: Request,
    clips: str,
    batch_size: int | None,
    given: dict[str, object],
    out: Path,
    as_json: bool,
) -> None:
    """Make films of up to `longest` clips and print their timeline; given : fields of Joining, None where not typed."""
    from neuroclips.clips import parse_clips
    from neuroclips.configure import configure
    from neuroclips.data.base import check
    from neuroclips.longfilms.join import Joining
    from neuroclips.longfilms.write import write
    from neuroclips.run import dataset_of, pipeline_of

    if (processes := int(os.environ.get("WORLD_SIZE") or 1)) > 1:
        raise InputError(f"got --fuse in {processes} processes, expected one, since films go on: start it alone")
    how = configure(Joining(), {name: value for name, value in given.items() if value is not None})
    info = dataset_of(request).info
    check(info, request.subject)
    together = 1 if batch_size is None else batch_size
    tell_before(request, fused=True)
    table = write(request, parse_clips(clips, info.n_clips), how, out, together, ProgressBar(quiet=as_json))
    tell_own(request, pipeline_of(request, fused=True).subjects(request.subject).origins)
    print(to_json(table) if as_json else "\n".join(_lines(table, out)))


def _lines(table: dict, out: Path) -> list[str]:
    lines = [
        f"{row['film']}: {row['seconds']:g} s, clips {', '.join(str(part['clip']) for part in row['clips'])}"
        for row in table["films"]
    ]
    for row in table["boundaries"]:
        said = f"clips {row['former']} and {row['later']}: {row['why']} (same class: {row['probability']:.0%})"
        lines.append(f"  {said}{_truth(row['truth'])}")
    return [*lines, f"films and timeline.json in {out / 'films'}"]


def _truth(truth: dict | None) -> str:
    """What there was, where that is known, beside what was decided without it."""
    if truth is None:
        return ""
    one, other = truth["classes"]
    return f"; in truth {f'a cut from {one} to {other}' if truth['cut'] else f'no cut ({one})'}"
