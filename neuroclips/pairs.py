"""Which of two true clips a stored film is nearer to, by a judge: what the Play tab sets beside a visitor's answers.

`python -m neuroclips pairs` writes it, for all pairs of shipped clips; the page only reads it.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from neuroclips import precomputed
from neuroclips.data.registry import load_dataset
from neuroclips.files import write_json
from neuroclips.types import Step

PATH = precomputed.FOLDER / "pairs.json"
JUDGE = "clip judge"  # the role; pictures are as near as their embeddings


def write(path: Path = PATH) -> Path:
    """Judge all stored films of all subjects and write which pairs are told apart."""
    subjects = {subject: _packed(subject) for subject in load_dataset().info.n_voxels}
    write_json(path, {"judge": JUDGE, "subjects": subjects})
    return path


def _packed(subject: int) -> dict[str, str]:
    bits = np.packbits(nearer(subject), axis=1)  # a row of whole bytes for each film, high bits first
    return {"films": films_of(subject), "nearer": base64.b64encode(bits.tobytes()).decode()}


def films_of(subject: int) -> str:
    """Changes with any of the films that were judged."""
    frames = [film["frames_sha256"] for film in precomputed.load_all(subject)]
    return hashlib.sha256("".join(frames).encode()).hexdigest()


def nearer(subject: int, clips: Sequence[int] | None = None, others: Sequence[int] | None = None) -> np.ndarray:
    """Whether each film is nearer to its own true clip than to another one, (n_films, n_others) of bool.

    clips : whose films; others : the true clips to tell them from. All shipped ones by default. Middle frames are
    compared, by the cosine of their embeddings.
    """
    # Imported here: the app reads what this gave, and should come up without torch.
    import torch
    import torch.nn.functional as F

    from neuroclips.media import read_video
    from neuroclips.zoo import load_part, zoo_named

    data, n_frames = load_dataset(), zoo_named().settings.n_video_frames
    shipped = range(data.info.n_clips)
    clips, others = shipped if clips is None else clips, shipped if others is None else others
    among = sorted({*clips, *others})
    films = [precomputed.files(subject, clip)[Step.VIDEO] for clip in clips]
    decoded = torch.stack([read_video(film)[n_frames // 2] for film in films])
    true = torch.stack([data.stimulus(clip, n_frames)[n_frames // 2] for clip in among])
    judge = load_part(zoo_named(), JUDGE, "cpu")
    with torch.no_grad():
        of_films, of_truth = (F.normalize(judge.image_embeddings(frames), dim=-1) for frames in (decoded, true))
    likeness = of_films @ of_truth.T  # (n_films, n_among)
    own = likeness[torch.arange(len(clips)), [among.index(clip) for clip in clips]]
    return (own[:, None] > likeness[:, [among.index(other) for other in others]]).numpy()
