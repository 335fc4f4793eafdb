"""Which inference numbers decode the validation films best: python benchmarks/settings.py shipped video_start=0.5 ...

Each argument is one setting: "shipped", or a field of Settings or several joined by commas. The films that are decoded
are the validation films (the last two of 18 training films), which the shipped reconstructors were not fitted to; no
test clip is opened. Clips with a cut are scored apart, for test films have more of them. Writes
assets/readme/settings.json with the version and prints all that is stored there.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import asdict
from functools import cache
from itertools import product
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from tqdm import tqdm

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from stored import store, tables  # noqa: E402

from neuroclips.configure import configure, parse_changes  # noqa: E402
from neuroclips.data.base import as_voxels  # noqa: E402
from neuroclips.data.simulated import frames  # noqa: E402
from neuroclips.data.training import open_training  # noqa: E402
from neuroclips.metrics import report  # noqa: E402
from neuroclips.metrics.pixel import edge_strength  # noqa: E402
from neuroclips.pipeline import load_pipeline  # noqa: E402
from neuroclips.preprocessing.layout import N_SAMPLES, TR  # noqa: E402
from neuroclips.simulation.shots import Shot, has_cut, shot_at  # noqa: E402
from neuroclips.train.demo_zoo.judges import action_of  # noqa: E402
from neuroclips.train.demo_zoo.scores import accuracy, caption_scores, class_of, seen_in  # noqa: E402
from neuroclips.train.reconstructors.study import Study  # noqa: E402
from neuroclips.types import FmriSample, Reconstruction  # noqa: E402
from neuroclips.zoo import load_judges, zoo_named  # noqa: E402

TABLE = ROOT / "assets" / "readme" / "settings.json"
SUBJECTS, N_CLIPS = (1, 2, 3), 20  # validation clips of each subject, without a cut, and as many with one
SHIPPED = zoo_named().settings


@cache
def study() -> Study:
    return Study(open_training("simulated"), SUBJECTS)


@cache
def clips(with_cut: bool) -> list[int]:
    """Training clips of the validation films, evenly spaced among those that show one shot, or more than one."""
    alike = [int(c) for c in study().validation if has_cut("train", *divmod(int(c), N_SAMPLES)) == with_cut]
    return alike[:: len(alike) // N_CLIPS][:N_CLIPS]


def sample(subject: int, clip: int) -> FmriSample:
    """The mean of both showings of a training clip."""
    return FmriSample(as_voxels(study().data.fmri(subject)[clip].mean(0)), subject, clip)


@cache
def truth(clip: int) -> tuple[Tensor, Shot]:
    """True frames (16, 3, H, W) at 8 fps and the script of a training clip."""
    film, tr = divmod(clip, N_SAMPLES)
    return frames("train", film, tr, SHIPPED.n_video_frames), shot_at("train", film, (tr + 0.5) * TR)


def nouns(made: Reconstruction, shot: Shot) -> dict[str, float]:
    """Whether BLIP-2, which sees the keyframe, and GIT, which reads the tokens, name the right object."""
    said = {"blip2": made.caption, "git": load_pipeline().captioner("git")(None, made.image_tokens[None])[0]}
    return {f"noun, {name}": caption_scores([caption], [shot])["noun"] for name, caption in said.items()}


def scores(made: Reconstruction, clip: int) -> dict[str, float]:
    """What the judges see in one reconstruction, and its scores against the true frames."""
    judges, (true_frames, shot) = load_judges(zoo_named()), truth(clip)
    kind = class_of([shot])
    return {
        **nouns(made, shot),
        "keyframe class": accuracy(judges.frame(made.keyframe[None]), kind),
        "film class": accuracy(seen_in(judges.frame, made.video[None]), kind),
        "film class and motion": accuracy(judges.video(made.video[None]), torch.tensor([action_of(shot)])),
        "edges, true": edge_strength(true_frames),
        "edges, keyframe": edge_strength(made.keyframe),
        "edges, first frame": edge_strength(made.video[0]),
        "edges, last frame": edge_strength(made.video[-1]),
        "seconds": sum(made.seconds.values()),
        **against_truth(made, clip),
    }


def against_truth(made: Reconstruction, clip: int) -> dict[str, float]:
    """Scores of a reconstruction against the true frames of its clip."""
    return asdict(report.evaluate(made.video, truth(clip)[0], load_judges(zoo_named())))


def means(rows: Iterable[dict[str, float]]) -> dict[str, float]:
    """The mean of every column."""
    rows = list(rows)
    return {name: float(np.mean([row[name] for row in rows])) for name in rows[0]}


@torch.no_grad()
def measure(setting: str) -> dict[str, float]:
    """Mean scores over the validation clips of all subjects, seed 0, of "video_start=0.8,theta=0.2".

    What is in a clip with a cut is not one class: of these, only the scores against the true frames.
    """
    pipeline = load_pipeline()
    given = SHIPPED if setting == "shipped" else configure(SHIPPED, parse_changes(setting.split(",")))
    whole, cut = (list(product(SUBJECTS, clips(with_cut))) for with_cut in (False, True))
    table = means(scores(pipeline(sample(*pair), given), pair[1]) for pair in tqdm(whole, desc=setting))
    of_cut = means(
        against_truth(pipeline(sample(*pair), given), pair[1]) for pair in tqdm(cut, desc=f"{setting}, with a cut")
    )
    return table | {f"{name}, with a cut": value for name, value in of_cut.items()}


if __name__ == "__main__":
    for wanted in sys.argv[1:]:
        store(TABLE, wanted, measure(wanted))
    measured = {name: table["rows"] for name, table in tables(TABLE).items()}
    columns = list(dict.fromkeys(column for row in measured.values() for column in row))
    print(f"| setting | {' | '.join(columns)} |", "|---" * (len(columns) + 1) + "|", sep="\n")
    for name, row in measured.items():
        print(f"| {name} | {' | '.join(f'{row[c]:.3f}' if c in row else '' for c in columns)} |")
