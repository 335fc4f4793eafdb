"""The one function that owns a run: a request goes in, its progress and its result come out.

On a ZeroGPU Space a GPU is lent for the time of one call of a decorated function, which then runs in a process forked
from this one: what goes in and what comes out is pickled, and nothing that it keeps is seen here. So a run takes a
`Request` alone, gives tensors that are on the CPU, and every entry is one place in the queue for a GPU. Everywhere
else the decorator does nothing and a run is a thread of this process.
"""

from __future__ import annotations

import importlib
import os
import pickle
from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, TypeVar

try:
    # Only Spaces have it. There it has to come before torch and CUDA, so this module is the first that the app imports.
    spaces = importlib.import_module("spaces")
except ModuleNotFoundError:
    spaces = None  # type: ignore[assignment]

from neuroclips.errors import InputError
from neuroclips.types import Request, Result, Settings, Stage
from neuroclips.ui import session

if TYPE_CHECKING:
    from neuroclips.evaluation.from_brain import Row

START, PER_STEP = 30.0, 0.2  # [s] that are asked for: for libraries and models, and for a step of a diffusion model
MOST = 120  # [s] that somebody without an account has in a day

Function = TypeVar("Function", bound=Callable)


def is_lent() -> bool:
    """Whether this is a ZeroGPU Space."""
    return os.environ.get("SPACES_ZERO_GPU", "").lower() in ("1", "t", "true")


def seconds_for(request: Request, brain: str = "") -> int:
    """For how long a run asks for a GPU, in [s]: what is asked for less comes sooner and costs a visitor less."""
    settings = request.settings or Settings()
    steps = settings.prior_steps + settings.keyframe_steps + settings.video_steps
    return min(MOST, round(START + PER_STEP * steps))


def on_gpu(function: Function) -> Function:
    """The function as one that a Space lends a GPU to, where there is the package `spaces`; else as it is."""
    return spaces.GPU(duration=seconds_for)(function) if spaces else function


def run(request: Request) -> Generator[Stage | Result, None, None]:
    """Progress of every step, then the scored result; closing it ends the run at its next report.

    What the steps gave is remembered for later runs, but on ZeroGPU, where each process forgets. Raises InputError for
    a request that cannot be met.
    """
    yield from _events(request, "")


def row(request: Request, brain: str) -> Generator[Stage | Row, None, None]:
    """The same of a row of evaluation/brains.py, which comes last."""
    yield from _events(request, brain)


def _events(request: Request, brain: str) -> Generator:
    if not is_lent():
        yield from session.stages(request, brain)
        return
    events = _owned(request, brain)
    try:
        for pickled in events:
            event = pickle.loads(pickled)  # noqa: S301 - of a process that this one forked
            if isinstance(event, InputError):
                raise event
            yield event
    finally:
        events.close()


@on_gpu
def _owned(request: Request, brain: str) -> Generator[bytes, None, None]:
    """What `run` gives, each pickled: tensors by value and not as memory shared with a process that may be gone.

    Bad input comes as a value, because of what is raised only the name of its type comes across.
    """
    events = session.stages(request, brain, remembered=False)
    try:
        for event in events:
            yield pickle.dumps(event)
    except InputError as error:
        yield pickle.dumps(error)
    finally:
        events.close()
