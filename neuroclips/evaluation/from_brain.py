"""Is it from the brain? One clip, seed and settings, decoded from eight brains or none; and how much the real one adds.

No row sees the truth before its film is made. Edits of the settings, such as a lesion, change every row's sample.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from functools import lru_cache

from neuroclips import __version__
from neuroclips.configure import configure
from neuroclips.data.base import FmriDataset, check
from neuroclips.errors import InputError
from neuroclips.evaluation.brain_ceiling import ceiling_of
from neuroclips.evaluation.brain_share import REAL, Share, shares
from neuroclips.evaluation.brains import BRAINS, Brain
from neuroclips.evaluation.mean_brain import of_mean_brain
from neuroclips.evaluation.own_truth import Against, against, p_of
from neuroclips.memory import Memory
from neuroclips.metrics.scores import Scores, read
from neuroclips.pipeline import NeuroClips
from neuroclips.run import dataset_of, pipeline_of, placed, reconstruct_clips
from neuroclips.types import Request, Result, Stage
from neuroclips.zoo import load_judges, zoo_named

OnProgress = Callable[[Stage], None]
# of a record, what differs between rows beside the scores
OF_ROW = ("caption", "keyframe_likeness", "seconds", "frames_sha256")


@dataclass(frozen=True)
class Row:
    """A film of the strip; where it could not be made, `result` is None and `why` says why.

    against : of the real film, its scores against truths of other clips; None without films to compare with.
    """

    name: str
    result: Result | None = None
    why: str = ""
    against: Against | None = None

    @property
    def p(self) -> dict[str, float]:
        """By score, how often the truth of another clip fits the film as well; empty where there is no other."""
        of = self.against
        return {name: p_of([of], name) for name in of.scores} if of and of.n > 1 else {}

    @property
    def scores(self) -> Scores | None:
        scored = read(self.result.summary["scores"]) if self.result else None
        return scored.video if scored else None


@dataclass(frozen=True)
class FromBrain:
    """The rows in the order of BRAINS, and the share of every score; no share where nothing was scored."""

    request: Request
    rows: tuple[Row, ...]
    shares: Mapping[str, Share]


def from_brain(
    request: Request,
    on_row: Callable[[Row], None] | None = None,
    on_progress: OnProgress | None = None,
    memory: Memory | None = None,
) -> FromBrain:
    """Reconstruct a request from every brain of BRAINS, and tell what share of its scores is from the real one.

    on_row : called with each row as soon as it is there. memory : may know some steps, and learns the others.
    Raises InputError as `run.reconstruct` does, where the real film cannot be made.
    """
    rows = []
    for name in BRAINS:
        rows.append(row := row_of(request, name, on_progress, memory))
        if on_row:
            on_row(row)
    return FromBrain(request, tuple(rows), shares_of(request, rows))


def row_of(
    request: Request,
    name: str,
    on_progress: OnProgress | None = None,
    memory: Memory | None = None,
    previews: bool = False,
) -> Row:
    """One row of the strip; another than the real one that cannot be made says why.

    Raises InputError for a name that is none of BRAINS.
    """
    if name not in BRAINS:
        raise InputError(f"got brain {name!r}, expected one of: {', '.join(BRAINS)}")
    data, asked = dataset_of(request), request_of(request, name)
    check(data.info, request.subject, request.clip)
    try:
        pipeline, brains = _decoder(asked, BRAINS[name]), _brains(name, data, _seed(asked))  # type: ignore[arg-type]
        (result,) = reconstruct_clips(asked, [asked.clip], on_progress, memory, previews, pipeline, brains)
    except InputError as error:
        if name == REAL:
            raise
        return Row(name, why=str(error))
    row = Row(name, replace(result, summary=result.summary | {"brain": name}))
    return row if name != REAL or result.truth is None else replace(row, against=_against(asked, data, result))


def request_of(request: Request, name: str) -> Request:
    """A request as a row asks for it: with the guidances that the row has."""
    settings = request.settings or zoo_named(request.zoo).settings
    return replace(request, settings=configure(settings, BRAINS[name].changes))


def _seed(request: Request) -> int:
    return request.settings.seed if request.settings else 0


@lru_cache(maxsize=2 * len(BRAINS))
def _brains(name: str, data: FmriDataset, seed: int) -> FmriDataset:
    """Kept, because some read all samples of a subject."""
    return BRAINS[name].of(data, seed)


def _decoder(request: Request, brain: Brain) -> NeuroClips:
    pipeline = pipeline_of(request)
    if not brain.mean_brain:
        return pipeline
    return pipeline.with_subject(of_mean_brain(pipeline.subjects(request.subject)))


def _against(request: Request, data: FmriDataset, result: Result) -> Against:
    judges = load_judges(zoo_named(request.zoo), placed(request))
    return against(result.reconstruction.video, data, request.clip, judges)


def shares_of(request: Request, rows: list[Row]) -> dict[str, Share]:
    """The share of every score; empty where the dataset has no films."""
    scored = {row.name: row.scores for row in rows if row.scores}
    real = next(row for row in rows if row.name == REAL)
    return shares(scored, ceiling_of(request), real.p, real.against.n) if real.against else {}


def measured_on(request: Request) -> str:
    """Whose data and whose judges, in words: "simulated data, demo judges"."""
    info, judges = dataset_of(request).info, f", {request.zoo} judges"
    named = f", dataset {request.dataset}" if info.scripted and request.dataset != "simulated" else ""
    return f"{'simulated' if info.scripted else request.dataset} data{named}{judges if info.has_stimuli else ''}"


def heading(found: FromBrain) -> str:
    """Whose film, what was silenced, and what it was measured on."""
    asked = [f"subject {found.request.subject}", f"clip {found.request.clip}", *map(_short, common(found)["edits"])]
    return f"{', '.join(asked)} ({measured_on(found.request)})"


def _short(name: str, longest: int = 80) -> str:
    """A lesion that was painted has a long name."""
    return name if len(name) <= longest else f"{name[: longest - 3]}..."


def common(found: FromBrain) -> dict:
    """What all rows have in common: whose brain, models, seed and settings, judges and version."""
    made = next(row.result.summary for row in found.rows if row.result)
    info = dataset_of(found.request).info
    judges = found.request.zoo if info.has_stimuli else None
    known = {"version": __version__, "simulated": bool(info.scripted), "judges": judges}
    return known | {name: value for name, value in made.items() if name not in (*OF_ROW, "scores", "brain")}


def record(found: FromBrain) -> dict:
    """from_brain.json: what all rows have in common, the rows, and the shares by score."""
    shared = {name: asdict(share) for name, share in found.shares.items()}
    return common(found) | {"rows": [_record(row) for row in found.rows], "shares": shared}


def _record(row: Row) -> dict:
    about = BRAINS[row.name]
    told = {"name": row.name, "label": about.label, "meaning": about.meaning, "floor": about.floor}
    if row.result is None:
        return told | {"why": row.why}
    summary = row.result.summary
    return told | {name: summary[name] for name in OF_ROW} | {"scores": asdict(row.scores) if row.scores else None}
