"""What the page fetches of an evaluation: stored scores, what each of them is, and how likely a clip's are by chance.

Nothing is computed here: `COMMAND` wrote everything.
"""

from __future__ import annotations

import gzip
import warnings
from dataclasses import asdict
from functools import lru_cache
from pathlib import Path
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from neuroclips.errors import InputError
from neuroclips.evaluation.conditions import ABLATIONS, CONDITIONS
from neuroclips.evaluation.published import direction
from neuroclips.metrics.protocols import PROTOCOLS, Protocol
from neuroclips.metrics.registry import METRICS
from neuroclips.paths import ASSETS
from neuroclips.reading import read_json
from neuroclips.ui.encoded import KINDS
from neuroclips.ui.web import PREFIX

FOLDER = ASSETS / "evaluation"
SCORES = "scores.json"
COMMAND = "python -m neuroclips evaluate --subject all --ablations --controls --out assets/evaluation"
HOME = f"{PREFIX}/evaluation"


def about() -> dict[str, Any]:
    """What scores, protocols and conditions are, and which files there are of an evaluation; as JSON."""
    return {
        "metrics": {name: asdict(metric.about) | {"title": metric.about.title} for name, metric in METRICS.items()},
        "protocols": {name: _protocol(protocol) for name, protocol in PROTOCOLS.items()},
        "conditions": {name: {"label": known.label, "meaning": known.meaning} for name, known in CONDITIONS.items()},
        "table_2": {row: _paper(row) for row in ABLATIONS},
        "files": sorted(path.name for path in FOLDER.glob("*") if path.is_file()),
        "made": "-".join(map(str, stamp())),
        "command": COMMAND,
    }


def _protocol(protocol: Protocol) -> dict[str, Any]:
    """What a reader must know of a protocol. blind : metrics that do not look at the truth, so that no floor tells."""
    known = {name: METRICS[name] for name in protocol.metrics}
    return {
        "source": protocol.source,
        "oddities": protocol.notes,
        "chance": {name: metric.chance(protocol) for name, metric in known.items()},
        "blind": [name for name, metric in known.items() if metric.is_blind(protocol)],
    }


def _paper(row: str) -> dict[str, float]:
    """By how much the full model is above an ablation in the paper's table 2, by our metrics."""
    return {name: more for name in METRICS if (more := direction(row, name)) is not None}


def clip_p(subject: int) -> dict[int, dict[str, float]]:
    """How often the film of a clip scores as well against another clip of its film, by clip and metric.

    Of films with all guidances under the paper's protocol; empty where nothing was evaluated or it does not read.
    """
    path = FOLDER / SCORES
    try:
        of = read_json(path)["subjects"][str(subject)] if path.exists() else {}
        p = of["protocols"]["paper"].get("clip_p", {}) if of else {}
        return {clip: {name: p[name][row] for name in p} for row, clip in enumerate(of["clips"])} if p else {}
    except (InputError, KeyError, IndexError, TypeError) as error:
        warnings.warn(f"{path}: {error!r}: run {COMMAND}", stacklevel=2)
        return {}


def stamp() -> tuple[int, ...]:
    """Changes with the stored scores; empty where there are none."""
    path = FOLDER / SCORES
    return (path.stat().st_mtime_ns, path.stat().st_size) if path.is_file() else ()


@lru_cache(maxsize=1)
def _packed(path: Path, stamp: tuple[int, ...]) -> bytes:
    return gzip.compress(path.read_bytes())


def _about(request: Request) -> Response:
    return JSONResponse(about(), headers={"Cache-Control": "no-cache"})


def _file(request: Request) -> Response:
    """A file of the evaluation, under an address that changes with it."""
    path = FOLDER / request.path_params["name"]
    if path.parent != FOLDER or not path.is_file():
        raise HTTPException(404)
    headers = {"Cache-Control": "public, max-age=3600"}
    if path.name != SCORES or "gzip" not in request.headers.get("accept-encoding", ""):
        return FileResponse(path, headers=headers)
    packed = headers | {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
    return Response(_packed(path, stamp()), media_type=KINDS[".json"], headers=packed)


ROUTES = [Route(f"{HOME}/about.json", _about), Route(f"{HOME}/{{name}}", _file)]
