"""What the page fetches of an evaluation: stored scores, what each of them is, and how likely a clip's are by chance.

Nothing is computed here: `COMMAND` wrote everything.
"""

from __future__ import annotations

import gzip
import re
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
from neuroclips.metrics.protocols import PROTOCOLS, Protocol
from neuroclips.metrics.registry import METRICS
from neuroclips.metrics.scores import ABOUT, About
from neuroclips.paths import ASSETS
from neuroclips.reading import read_json
from neuroclips.ui.encoded import KINDS
from neuroclips.ui.web import PREFIX

FOLDER = ASSETS / "evaluation"
SCORES = "scores.json"
COMMAND = "python -m neuroclips evaluate --subject all --ablations --controls --out assets/evaluation"
HOME = f"{PREFIX}/evaluation"
# the paper's table 2, of its subject 1; its frame judge tells 50 ways apart where ours can tell 41
_SCORES = ("video_2_way", "video_50_way", "clip_pcc", "frame_2_way", "frame_41_way", "ssim", "psnr")
TABLE_2 = {
    "no-keyframe": (0.751, 0.164, 0.695, 0.702, 0.128, 0.413, 9.334),
    "no-blurry": (0.838, 0.213, 0.718, 0.805, 0.193, 0.256, 8.989),
    "git": (0.828, 0.195, 0.728, 0.785, 0.174, 0.399, 9.297),
    "full": (0.830, 0.208, 0.736, 0.799, 0.187, 0.392, 9.226),
}


def about() -> dict[str, Any]:
    """What scores and protocols are, and which files there are of an evaluation; as JSON."""
    known = abouts()
    return {
        "metrics": {name: asdict(about) | {"title": about.title} for name, about in known.items()},
        "protocols": {name: _protocol(protocol, known) for name, protocol in PROTOCOLS.items()},
        "table_2": {row: dict(zip(_SCORES, values, strict=True)) for row, values in TABLE_2.items()},
        "files": sorted(path.name for path in FOLDER.glob("*") if path.is_file()),
        "made": "-".join(map(str, _stamp(FOLDER / SCORES))),
        "command": COMMAND,
    }


def abouts() -> dict[str, About]:
    """What is said of every metric."""
    return ABOUT | {name: metric.about for name, metric in METRICS.items()}


def _protocol(protocol: Protocol, known: dict[str, About]) -> dict[str, Any]:
    """What a reader must know of a protocol."""
    chances = {name: chance(name, known[name], protocol.truths) for name in protocol.metrics if name in known}
    return {"source": protocol.source, "oddities": protocol.oddities, "chance": chances}


def chance(name: str, about: About, truths: int) -> float | None:
    """The score of a guess; with several true classes, any of them may win against the others of N ways."""
    ways = re.search(r"_(\d+)_way$", name)
    return truths / (truths + int(ways[1]) - 1) if ways else about.chance


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


def _stamp(path: Path) -> tuple[int, ...]:
    """Changes with a file; empty where there is none."""
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
    return Response(_packed(path, _stamp(path)), media_type=KINDS[".json"], headers=packed)


ROUTES = [Route(f"{HOME}/about.json", _about), Route(f"{HOME}/{{name}}", _file)]
