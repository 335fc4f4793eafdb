"""What every page sees of the training run, as one JSON that pages fetch while they are looked at; and its samples.

Pages ask every second, beside a training on the same cores: files are read and drawn again only when they changed.
Plain GET routes: nothing of it passes through gradio's queue.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from neuroclips.errors import InputError
from neuroclips.train.engine.log import LOG
from neuroclips.ui import phases
from neuroclips.ui.own_weights import decodes
from neuroclips.ui.run_files import OUTPUT, stamp
from neuroclips.ui.run_pictures import HOME, SAMPLES, pictures
from neuroclips.ui.run_record import Record, runs_folder, shown_command
from neuroclips.ui.runs import TrainingRun, last_line, the_run

OWNER = "x-nc-owner"  # header in which a browser says its random word
IDLE = "Nothing is training on this machine. A run shows its loss, its validation and some validation films here."
KINDS = {".mp4": "video/mp4", ".webp": "image/webp"}


def told(run: TrainingRun, token: str = "") -> dict[str, Any]:
    """The run as a page shows it. `mine` says whether the visitor with `token` may stop it."""
    record, state = run.record, run.state
    if record is None:
        return {"state": "none", "line": IDLE, "mine": False}
    log, output = run.log(), run.output()
    choices = record.choices
    answer: dict[str, Any] = {"state": state, "name": record.name, "title": choices.title, "mine": run.owned_by(token)}
    answer["command"] = shown_command(choices.words())
    answer |= _progress(record, state, log, output, run.launched)
    answer |= pictures(record, stamp(record.folder / LOG), stamp(record.folder / SAMPLES))
    answer["weights"] = record.name if decodes(record) else ""
    if state == "done" and choices.source:
        answer["decode"] = f"python -m neuroclips reconstruct --subject {choices.subject} --dataset preprocessed ..."
    return answer


def _progress(record: Record, state: str, log: Sequence[dict], output: str, launched: float) -> dict[str, Any]:
    """Phases with seconds while it runs, and one line on where it is."""
    steps = [line for line in log if "loss" in line]
    said = f"{len(steps)} of {record.choices.steps} steps" if record.choices.has_steps else "solved at once"
    last: dict = next((line["validation"] for line in reversed(log) if "validation" in line), {})
    said += "".join(f", {name} {float(value):.3f}" for name, value in last.items())
    said += " on validation films" if last else ""
    if state not in ("preparing", "training"):
        ends = {"done": f"Done: {said}.", "stopped": f"Stopped: {said}.", "failed": f"Failed: {last_line(output)}"}
        return {"line": ends[state], "phases": [], "eta": 0}
    idle = phases.idle_seconds(record.folder / OUTPUT, time.time())
    planned, each = _planned(record, launched)
    seen = phases.seen(planned, output, log, record.choices, idle, each)
    now = next((phase for phase in seen if phase.state == "now"), seen[-1])
    line = f"{now.title}: {now.note}" if now.note else now.title
    return {"line": line, "phases": [vars(phase) for phase in seen], "eta": sum(phase.seconds for phase in seen)}


@lru_cache(maxsize=4)
def _planned(record: Record, launched: float) -> tuple[tuple[phases.Phase, ...], float]:
    """Phases and seconds of a step [s], as they were when the process began: what it makes itself is not "kept"."""
    choices = record.choices
    return tuple(phases.planned(choices)), phases.step_seconds(choices.stage, choices.subject)[0]


def _state(request: Request) -> Response:
    try:
        return JSONResponse(told(the_run(), request.headers.get(OWNER, "")), headers={"cache-control": "no-store"})
    except InputError as error:  # a damaged log
        return JSONResponse({"state": "failed", "line": str(error), "mine": False, "phases": []})


def _sample(request: Request) -> Response:
    """A picture or film of a run; of names alone, never a path."""
    run, name = request.path_params["run"], request.path_params["name"]
    there = {path.parent.name: path for path in runs_folder().glob("*/samples")}
    found = {path.name: path for path in there[run].iterdir()} if run in there else {}
    if name not in found or found[name].suffix not in KINDS:
        raise HTTPException(404)
    return FileResponse(found[name], media_type=KINDS[found[name].suffix], headers={"cache-control": "max-age=3600"})


ROUTES = [Route(f"{HOME}/state.json", _state), Route(f"{HOME}/samples/{{run}}/{{name}}", _sample)]
