"""Long films as files: films/film_000.mp4 and on beside the true ones, timeline.json, and a folder for every clip."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

import torch

from neuroclips import export, run
from neuroclips.data.boundaries import true_boundary
from neuroclips.files import write_json
from neuroclips.longfilms.join import Joining, joined
from neuroclips.longfilms.make import Maker
from neuroclips.media import to_uint8, write_video
from neuroclips.progress import OnProgress
from neuroclips.types import Request, Result

FOLDER, TIMELINE = "films", "timeline.json"


def write(
    request: Request,
    clips: Sequence[int],
    how: Joining,
    out: Path,
    batch_size: int = 1,
    on_progress: OnProgress | None = None,
) -> dict:
    """Reconstruct clips, join them, and write films, clips and timeline as they finish; what timeline.json says.

    The truth is put beside when films are made: whether there was a cut is not known to what decides.
    """
    data, settings = run.dataset_of(request), run.settings_of(request)
    make = Maker(run.pipeline_of(request, fused=True), settings, how, data.info.follows, batch_size, on_progress)
    films, bounds = list[dict](), list[dict]()
    about = {"subject": request.subject, "zoo": request.zoo, "dataset": request.dataset, "fps": settings.fps}
    table = {**about, **asdict(how), "films": films, "boundaries": bounds}
    for film in make([data.sample(request.subject, clip) for clip in clips]):
        results = run.beside_truth(request, film.samples, film.parts, fused=True)
        if not films:  # until now anything may have been refused
            _clear(out / FOLDER)
        for result in results:
            _save(out, result, how, [sample.clip for sample in film.samples])
        films.append(_write_film(out / FOLDER, f"film_{len(films):03d}", how, results))
        for bound in film.boundaries:
            truth = true_boundary(data.info, bound.former, bound.later)
            said = {"probability": round(bound.probability, 4), "decision": bound.decision}
            bounds.append({**asdict(bound), **said, "truth": truth})
        write_json(out / FOLDER / TIMELINE, table)
    return table


def _clear(folder: Path) -> None:
    for old in (*folder.glob(TIMELINE), *folder.glob("film_*.mp4")):
        old.unlink()


def _save(out: Path, result: Result, how: Joining, clips: Sequence[int]) -> None:
    """A clip as `reconstruct` writes it; its record says what else its film depends on than its own sample."""
    clip = result.summary["clip"]
    joined_to = {"joined": {"clips": list(clips), **asdict(how)}} if len(clips) > 1 else {}
    export.save(out / f"{clip:04d}", replace(result, summary={**result.summary, **joined_to}))


def _write_film(folder: Path, name: str, how: Joining, results: Sequence[Result]) -> dict:
    """What timeline.json says of a film: its files, and when each clip comes."""
    fps = results[0].fps
    videos = [result.reconstruction.video for result in results]
    kept = how.kept(len(videos), len(videos[0]))
    film = joined(videos, kept)
    files = {"film": f"{name}.mp4"}
    write_video(folder / files["film"], film, fps)
    truths = [result.truth for result in results if result.truth is not None]
    if truths:
        files["ground_truth"] = f"{name}_{export.TRUTH}"
        write_video(folder / files["ground_truth"], joined(truths, kept), fps)
    shown = torch.tensor([frames.stop - frames.start for frames in kept])
    first = (shown.cumsum(0) - shown).tolist()
    rows = [
        {
            "clip": result.summary["clip"],
            "first_frame": begin,
            "frames": n,
            "at": begin / fps,
            "caption": result.reconstruction.caption,
        }
        for result, begin, n in zip(results, first, shown.tolist(), strict=True)
    ]
    digest = hashlib.sha256(to_uint8(film).tobytes()).hexdigest()
    return {**files, "seconds": len(film) / fps, "frames_sha256": digest, "clips": rows}
