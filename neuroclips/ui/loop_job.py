"""A film around the closed loop as a job of the desk, and what came of it as files in memory."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
from collections.abc import Generator, Mapping
from dataclasses import fields
from typing import Any

import numpy as np

from neuroclips.errors import InputError
from neuroclips.files import to_json
from neuroclips.loop.settings import LoopConfig
from neuroclips.ui import encoded, flatmap
from neuroclips.ui.desk import Start
from neuroclips.ui.gpu import is_lent
from neuroclips.ui.inputs import line
from neuroclips.ui.loop_films import FILMS, Held
from neuroclips.ui.session import stream
from neuroclips.ui.web import PREFIX

HOME = f"{PREFIX}/loop"
LONGEST_WORDS = 200  # letters
SPREAD = 8.0  # z-scores between the ends of the maps, as on the tab "Your brain"
RECORD, SAMPLES = "loop.json", "samples.npz"


def config_of(query: Mapping[str, str]) -> LoopConfig:
    """The settings of an address. Raises InputError for unknown names and for values that make no sense."""
    known = {field.name for field in fields(LoopConfig)}
    if unknown := [name for name in query if name not in known]:
        raise InputError(f"got {', '.join(unknown)}, expected some of: {', '.join(sorted(known))}")
    values: dict[str, Any] = {}
    for name, text in query.items():
        if name == "shows":
            values |= {"shows": said} if (said := line("shows", text, LONGEST_WORDS)) else {}
            continue
        try:
            values[name] = json.loads(text)
        except (ValueError, RecursionError):  # no number at all, one of too many digits, or brackets without end
            values[name] = text
    return LoopConfig(**values)


def job(word: str, config: LoopConfig) -> tuple[str, Start]:
    """Key and start of a loop for the desk. Raises InputError for a film that is not held and for unknown words."""
    held = FILMS.of(word)
    if held is None:
        raise InputError("got a film that is not held any more, expected one: upload it again")
    if config.shows is not None:
        from neuroclips.loop.told import parse_shows

        parse_shows(config.shows, held.film.n_clips)
    key = hashlib.sha256(repr((word, config)).encode()).hexdigest()[:20]
    return key, lambda: _snapshots(word, held, key, config)


def _snapshots(word: str, held: Held, key: str, config: LoopConfig) -> Generator[dict[str, Any], None, None]:
    """How far a loop is, and at the end what there is of it."""
    if key not in held.results:
        yield {"key": key, "said": "the film goes through the simulated cortex"}
        done, events = 0, stream(lambda report: _closed(held, config, report))
        try:
            for event in events:
                if not hasattr(event, "step"):
                    yield {"key": key, "said": "scored"}
                    FILMS.put(word, key, files_of(event))
                    continue
                where = f"clip {min(done + 1, held.film.n_clips)} of {held.film.n_clips}"
                yield {"key": key, "said": f"{where}: {event.step} {event.fraction:.0%}"}
                done += event.step == "video" and event.fraction == 1
        finally:
            events.close()
    files = held.results.get(key, {})
    home = f"{HOME}/film/{word}/{key}/"
    yield {"key": key, "files": {name: home + name for name in files}, "record": json.loads(files.get(RECORD, b"null"))}


def _closed(held: Held, config: LoopConfig, report) -> Any:
    from neuroclips.loop.closed import close  # brings every model library, and the page should be up first

    return close(held.film, config, report, "cpu" if is_lent() else None)


def files_of(closed: Any) -> dict[str, bytes]:
    """What the page fetches of a loop."""
    from neuroclips.export import PERCEPTION_FPS
    from neuroclips.loop.save import BLURRY, VIDEO, write_samples
    from neuroclips.media import write_image, write_video

    files = {
        VIDEO: encoded.written("v.mp4", lambda path: write_video(path, closed.video, closed.fps)),
        BLURRY: encoded.written("b.mp4", lambda path: write_video(path, closed.blurry, PERCEPTION_FPS)),
        "noise_free.bin": _on_cortex(closed.clean, closed.cortex.vertex_index),
        "measured.bin": _on_cortex(closed.samples, np.where(closed.kept, closed.cortex.vertex_index, -1)),
        RECORD: to_json(closed.record(), indent=1).encode(),
    }
    for clip, part in enumerate(closed.parts):
        if (keyframe := part.keyframe) is not None:
            body = encoded.written("k.webp", lambda path, k=keyframe: write_image(path, k, **encoded.WEBP))  # type: ignore[misc]
            files[f"keyframe_{clip}.webp"] = body
    write_samples(samples := io.BytesIO(), closed)
    return files | {SAMPLES: samples.getvalue()}


def _on_cortex(samples: np.ndarray, index: np.ndarray) -> bytes:
    """Samples (n_clips, n_voxels) as maps of 59,412 bytes each, compressed; index -1 : of a voxel that is silenced."""
    from neuroclips.brain.weights_map import to_cortex

    there = index >= 0
    values = np.clip(0.5 + samples[:, there] / SPREAD, 0, 1)
    return gzip.compress(b"".join(flatmap.quantised(to_cortex(row, index[there])).tobytes() for row in values), 5)
