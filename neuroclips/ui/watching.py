"""What every page sees of the training run, as one JSON that pages fetch while they are looked at; and its samples.

Plain GET routes: nothing of it passes through gradio's queue.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from neuroclips.errors import InputError
from neuroclips.paths import CHECKPOINTS
from neuroclips.reading import read_json
from neuroclips.ui import curves, phases
from neuroclips.ui.offered import card, linear_scores, offered
from neuroclips.ui.own_weights import decodes
from neuroclips.ui.run_record import Record, runs_folder, shown_command
from neuroclips.ui.runs import OUTPUT, TrainingRun, last_line, the_run

HOME = "/nc/training"
OWNER = "x-nc-owner"  # header in which a browser says its random word
SCORES = {"perception": "pixel correlation", "prior": "cosine"}  # drawn; of the others retrieval
IDLE = "Nothing is training on this machine. A run shows its loss, its validation and some validation films here."
KINDS = {".mp4": "video/mp4", ".webp": "image/webp"}


def score_name(stage: str) -> str:
    return SCORES.get(stage, "retrieval")


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
    answer |= _pictures(record, log)
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
    seen = phases.seen(_planned(record, launched), output, log, record.choices, idle)
    now = next((phase for phase in seen if phase.state == "now"), seen[-1])
    line = f"{now.title}: {now.note}" if now.note else now.title
    return {"line": line, "phases": [vars(phase) for phase in seen], "eta": sum(phase.seconds for phase in seen)}


@lru_cache(maxsize=4)
def _planned(record: Record, launched: float) -> tuple[phases.Phase, ...]:
    """As it was when the process began: what it makes itself is not "kept"."""
    return tuple(phases.planned(record.choices))


def _pictures(record: Record, log: Sequence[dict]) -> dict[str, Any]:
    """Curves and samples."""
    choices, shown = record.choices, _samples(record)
    n, name = choices.steps or 0, score_name(choices.stage)
    points = [(x["step"] + 1, float(x["validation"][name])) for x in log if name in x.get("validation", {})]
    lines = references(record, shown)
    return {
        "loss": curves.loss_svg(log, n),
        "score": curves.score_svg(points, lines, n, f"{name} on validation films"),
        "score name": f"{name}, on validation films",
        "sources": _sources(record, lines),
        "samples": shown,
    }


def references(record: Record, shown: Mapping[str, Any]) -> dict[str, float]:
    """What a score is drawn beside: chance, the linear baseline and the shipped weights, where they compare."""
    choices, name = record.choices, score_name(record.choices.stage)
    lines = {"chance": shown["chance"][name]} if name in shown.get("chance", {}) else {}
    if choices.source:
        return lines
    baseline, shipped = linear_scores(choices.subject), card(choices.stage, choices.subject).get("scores", {})
    lines |= {"linear baseline": baseline[name]} if name in baseline else {}
    return lines | ({"shipped weights": shipped[name]} if name in shipped else {})


def _sources(record: Record, lines: Mapping[str, float]) -> str:
    """Where the numbers of the lines are from."""
    role = offered(record.choices.stage).card
    where = CHECKPOINTS.name, "demo", f"subject{record.choices.subject}", role, "training.json"
    said = {
        "chance": "chance: the same predictions against other clips, at this validation"
        if record.choices.stage in SCORES
        else "chance: 1 among the validation clips",
        "linear baseline": "linear baseline: assets/simulated/linear.json, the same films",
        "shipped weights": f"shipped weights: {'/'.join(map(str, where))}, the same films",
    }
    return "; ".join(said[name] for name in lines)


def _samples(record: Record) -> dict[str, Any]:
    """What the last validation showed, with addresses in place of names."""
    path = record.folder / "samples" / "samples.json"
    if not path.exists():
        return {}
    shown: dict[str, Any] = read_json(path)
    url = f"{HOME}/samples/{record.name}/"
    for sample in shown["samples"]:
        for key in ("truth", "film"):
            if key in sample:
                sample[key] = url + sample[key]
        if "nearest" in sample:
            sample["nearest"] = [url + name for name in sample["nearest"]]
    return shown


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
