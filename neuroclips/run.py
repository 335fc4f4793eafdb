"""One request, one scored result: what the command line, the app and the precomputed files have in common."""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor

from neuroclips import export
from neuroclips.data.registry import load_dataset
from neuroclips.metrics import report
from neuroclips.pipeline import load_pipeline
from neuroclips.types import Request, Result, Stage
from neuroclips.zoo import Zoo, load_judges, zoo_named


def reconstruct(request: Request, on_progress: Callable[[Stage], None] | None = None) -> Result:
    """Reconstruct and score one clip. Raises InputError that says what exists."""
    zoo = zoo_named(request.zoo)
    settings = request.settings or zoo.settings
    data = load_dataset(request.dataset, request.source, *_beside(request))
    sample = data.sample(request.subject, request.clip)
    made = load_pipeline(zoo, request.reconstructors)(sample, settings, on_progress)
    truth = data.stimulus(request.clip, settings.n_video_frames) if data.info.has_stimuli else None
    scores = {} if truth is None else _scores(made.video, truth, zoo)
    return Result(made, truth, export.record(made, sample, request.dataset, scores), settings.fps)


def _beside(request: Request) -> tuple:
    """What comes with a visitor's file; other datasets are opened once for all subjects."""
    return (request.subject, request.vertex_index, request.mask) if request.dataset == "file" else ()


def _scores(video: Tensor, truth: Tensor, zoo: Zoo) -> dict[str, dict[str, float]]:
    judges = load_judges(zoo)
    return {"video": report.evaluate(video, truth, judges), "flat colour": report.floor(truth, judges)}
