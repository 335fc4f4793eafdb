"""One request, one scored result: what the command line, the app and the precomputed files have in common."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from torch import Tensor

from neuroclips import export
from neuroclips.data.base import FmriDataset
from neuroclips.data.registry import load_dataset
from neuroclips.fetched import expect_models
from neuroclips.lesions import bound
from neuroclips.memory import Memory
from neuroclips.metrics.judges import Judges
from neuroclips.metrics.report import beside_floor
from neuroclips.metrics.scores import ScoredBeside
from neuroclips.pipeline import NeuroClips, load_pipeline
from neuroclips.placement import Placement, placement_of
from neuroclips.types import FmriSample, Reconstruction, Request, Result, Settings, Stage
from neuroclips.zoo import load_judges, zoo_named


def reconstruct(
    request: Request,
    on_progress: Callable[[Stage], None] | None = None,
    memory: Memory | None = None,
    previews: bool = False,
) -> Result:
    """Reconstruct and score one clip; `memory` may know some steps, and with `previews` progress has pictures.

    Raises InputError that says what exists.
    """
    return reconstruct_clips(request, [request.clip], on_progress, memory, previews)[0]


def reconstruct_clips(
    request: Request,
    clips: Sequence[int],
    on_progress: Callable[[Stage], None] | None = None,
    memory: Memory | None = None,
    previews: bool = False,
    pipeline: NeuroClips | None = None,
    brains: FmriDataset | None = None,
) -> list[Result]:
    """Reconstruct and score several clips together, each in the place of the request's own.

    pipeline : in the place of that of the request. brains : whose samples are decoded in the place of the dataset's,
    such as a control; the truth stays that of the dataset. Lesions of the settings are bound to the subject's voxels.
    """
    expect_models(request)
    data, settings = brains or dataset_of(request), settings_of(request)
    samples = [data.sample(request.subject, clip) for clip in clips]
    films = (pipeline or pipeline_of(request))(samples, settings, on_progress, memory, previews)
    return beside_truth(request, samples, films)


def beside_truth(
    request: Request, samples: Sequence[FmriSample], films: Sequence[Reconstruction], fused: bool = False
) -> list[Result]:
    """Reconstructions of samples of the dataset, scored against the true frames, which nobody has met before.

    fused : whether they become long films, so that judges are placed as the pipeline is.
    """
    data = dataset_of(request)
    judges = load_judges(zoo_named(request.zoo), placed(request, fused)) if data.info.has_stimuli else None
    results = []
    for sample, made in zip(samples, films, strict=True):
        truth = data.stimulus(sample.clip, len(made.video)) if judges else None
        scores = scored(made.video, data, sample.clip, judges) if judges else None
        record = export.record(made, sample, request.dataset, scores)
        results.append(Result(made, truth, record, made.settings.fps))
    return results


def placed(request: Request, fused: bool = False) -> Placement:
    """Where a request is computed; the same for the same request, so that its models stay loaded.

    fused : whether films become long films, for which more models run. Raises InputError
    for a device, dtype, memory mode or speed that there is not.
    """
    zoo = zoo_named(request.zoo)
    roles = zoo.roles(request.settings, fused=fused)
    return placement_of(zoo, request.device, request.dtype, request.memory, request.speed, roles)


def settings_of(request: Request) -> Settings:
    """The settings of a request, or else of its zoo; its lesions know the subject's voxels.

    Raises InputError for lesions that meet none, MissingError where nobody knows where voxels are.
    """
    settings = request.settings or zoo_named(request.zoo).settings
    return bound(settings, dataset_of(request), request.subject) if settings.edits else settings


def dataset_of(request: Request) -> FmriDataset:
    """What the samples of a request come from: a visitor's file, or a dataset that is opened once for all subjects."""
    beside = (request.subject, request.vertex_index, request.mask) if request.dataset == "file" else ()
    return load_dataset(request.dataset, request.source, *beside)


def pipeline_of(request: Request, fused: bool = False) -> NeuroClips:
    """The pipeline that a request is reconstructed by; it is loaded once."""
    return load_pipeline(zoo_named(request.zoo), request.reconstructors, placement=placed(request, fused))


def scored(video: Tensor, data: FmriDataset, clip: int, judges: Judges) -> ScoredBeside:
    """Scores of a video (n, 3, H, W) against the frames that the dataset has of the clip, and no repeats of them.

    Films that are rendered are rendered at the rate of the video.
    """
    return beside_floor(video, data.stimulus(clip, data.info.frames_per_clip or len(video)), judges)
