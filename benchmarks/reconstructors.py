"""Score the reconstructors beside baselines, controls and ablations: python benchmarks/reconstructors.py

Trains the controls that are not shipped into runs/controls (about an hour on two cores), makes the simulated dataset if
it is not there, writes assets/readme/reconstructors.json and prints the tables of the README.
"""

from __future__ import annotations

import json
import subprocess
import sys
from functools import cache
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import cosine_similarity
from tqdm import tqdm

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from neuroclips.config import ZOOS  # noqa: E402
from neuroclips.data.preprocessed import PreprocessedDataset  # noqa: E402
from neuroclips.data.training import open_training  # noqa: E402
from neuroclips.metrics.pixel import pixel_correlation, ssim  # noqa: E402
from neuroclips.metrics.semantic import retrieval_in_pools  # noqa: E402
from neuroclips.paths import CHECKPOINTS  # noqa: E402
from neuroclips.reconstructors import weights  # noqa: E402
from neuroclips.simulation.simulate import simulate  # noqa: E402
from neuroclips.train.encoders import load_clip, load_codec  # noqa: E402
from neuroclips.train.study import Study  # noqa: E402

CONTROLS, TABLES = ROOT / "runs" / "controls", ROOT / "assets" / "readme" / "reconstructors.json"
DEMO, SUBJECTS, NULL, SHIPPED, POOL = CHECKPOINTS / "demo", (1, 2, 3), 0, 300, 300
MINUTES = (8, 16, 32, 64, 128)  # of film, each seen twice; 128 are all 16 films that are trained on
# folder below CONTROLS -> options of `python -m neuroclips train`; later ones build on earlier ones
ORDERS = {
    **{f"linear/subject{s}/linear": f"--stage linear --subject {s}" for s in SUBJECTS},
    "null/subject0/semantic": "--stage semantic --subject null",
    "null/subject0/prior": "--stage prior --subject null",
    "no-bimixco/subject1/semantic": "--stage semantic --subject 1 --set contrast=none",
    "no-bimixco/subject1/prior": "--stage prior --subject 1",
    "no-reftm/subject1/semantic": "--stage semantic --subject 1 --set reftm=0",
    "no-reftm/subject1/prior": "--stage prior --subject 1 --set mu=0",
    "no-contrast/subject1/perception": "--stage perception --subject 1 --set contrast=0",
    "over-frames/subject1/perception": "--stage perception --subject 1 --set contrast_over=frames --set contrast=1.0",
    "no-temporal/subject1/perception": "--stage perception --subject 1 --set network.temporal_attention=false",
    "shared": "--stage semantic --subject 1,2",
    **{
        f"joined-{m}/subject3/semantic": f"--stage semantic --subject 3 --minutes {m} --backbone "
        f"{CONTROLS / 'shared' / 'subject1' / 'semantic'}"
        for m in MINUTES
    },
}


def train_controls() -> None:
    """Train what is not there yet."""
    for name, options in tqdm(ORDERS.items(), desc="controls"):
        if not list((CONTROLS / name).rglob("training.json")):
            folders = ["--out", str(CONTROLS / name), "--run-dir", str(CONTROLS / "runs" / name.replace("/", "-"))]
            subprocess.run([sys.executable, "-m", "neuroclips", "train", *options.split(), *folders], check=True)


@cache
def dataset() -> PreprocessedDataset:
    """All 1,200 test clips of the simulated subjects and the null subject."""
    return PreprocessedDataset(simulate([*SUBJECTS, NULL]))


@cache
def voxels(subject: int) -> Tensor:
    """(1200, n_voxels), means over ten showings."""
    return torch.stack([dataset().sample(subject, clip).voxels for clip in range(dataset().info.n_clips)])


@cache
def true_frames() -> Tensor:
    """(1200, 6, 3, 96, 96) in [0, 1]."""
    clips = tqdm(range(dataset().info.n_clips), desc="test films")
    return torch.stack([dataset().stimulus(clip, 6) for clip in clips])


@cache
def true_tokens() -> Tensor:
    """CLIP tokens (1200, n_tokens, clip_dim) of the middle frames: the keyframes that are retrieved."""
    clip = load_clip("demo")
    return torch.cat([clip.image_tokens(part) for part in true_frames()[:, 3].split(64)])


def retrieval(tokens: Tensor, centre: Tensor) -> dict[str, float]:
    """Table 4 for tokens (1200, n_tokens, clip_dim): on the 300 shipped clips, and mean of four pools of 300."""
    brain, image = ((x - centre).flatten(1) for x in (tokens, true_tokens()))
    table = {}
    for where, rows in (("300", slice(SHIPPED)), ("1200", slice(None))):
        table[f"keyframe, {where}"] = retrieval_in_pools(brain[rows], image[rows], POOL)
        table[f"fMRI, {where}"] = retrieval_in_pools(image[rows], brain[rows], POOL)
    return table


def semantic(folder: Path, subject: int) -> dict[str, float]:
    """Retrieval by the projected brain tokens."""
    model = weights.load(folder / "semantic")
    return retrieval(model.projected(voxels(subject)), model.centre)


def for_keyframes(folder: Path, subject: int) -> dict[str, float]:
    """Cosine with the true tokens of what could go to the keyframe generator: brain tokens, or samples of the prior."""
    model, prior = weights.load(folder / "semantic"), weights.load(folder / "prior")
    numbers, generator = ZOOS["demo"].inference, torch.Generator().manual_seed(0)
    brain = model(voxels(subject))
    sampled = [
        prior.sample(part, numbers.prior_steps, generator, numbers.prior_samples)
        for part in tqdm(brain.split(100), desc="prior")
    ]
    truth, centre = true_tokens(), model.centre
    table = {"no prior": brain, "prior": torch.cat(sampled)}
    return {f"cosine, {name}": _cosine(tokens - centre, truth - centre) for name, tokens in table.items()}


def _cosine(one: Tensor, other: Tensor) -> float:
    return cosine_similarity(one.flatten(1), other.flatten(1)).mean().item()


def linear(subject: int) -> dict[str, float]:
    model = weights.load(CONTROLS / f"linear/subject{subject}/linear/tokens")
    return retrieval(model(voxels(subject)), model.centre)


def pixels(make) -> dict[str, float]:
    """Pixel correlation and SSIM, over all six frames, of `make(rows)`: (n, 6, 3, 96, 96)."""
    scores = {"correlation": [], "ssim": []}
    for rows in tqdm(torch.arange(dataset().info.n_clips).split(20), desc="blurry videos"):
        frames, truth = make(rows).flatten(0, 1), true_frames()[rows].flatten(0, 1)
        scores["correlation"].append(pixel_correlation(frames, truth))
        scores["ssim"].append(ssim(frames, truth))
    table = {}
    for where, parts in (("300", slice(SHIPPED // 20)), ("1200", slice(None))):
        table |= {f"{name}, {where}": float(np.mean(values[parts])) for name, values in scores.items()}
    return table


def perception(folder: Path, subject: int) -> dict[str, float]:
    """Scores of the decoded latents of a Perception Reconstructor or of the linear baseline."""
    model, codec = weights.load(folder), load_codec("demo")
    return pixels(lambda rows: codec.decode(model(voxels(subject)[rows]).flatten(0, 1)).unflatten(0, (len(rows), -1)))


def through_codec(rows: Tensor) -> Tensor:
    """The ceiling: true frames, encoded and decoded."""
    codec, frames = load_codec_once(), true_frames()[rows]
    return codec.decode(codec.encode(frames.flatten(0, 1))).unflatten(0, (len(rows), -1))


load_codec_once = cache(lambda: load_codec("demo"))


def mean_frame() -> Tensor:
    """Mean (3, 96, 96) of every eighth clip of the training films, which knows nothing of the brain."""
    study = Study(open_training("simulated"), SUBJECTS)
    return torch.stack([study.data.frames(int(clip)).mean(0) for clip in study.all_train[::8]]).mean(0)


@torch.no_grad()
def measure() -> dict:
    """Everything that the README reports of the reconstructors."""
    table = {"retrieval": {}, "perception": {}, "semantic ablations": {}, "perception ablations": {}, "minutes": {}}
    for s in SUBJECTS:
        table["retrieval"][f"subject {s}"] = semantic(DEMO / f"subject{s}", s)
        table["retrieval"][f"linear baseline, subject {s}"] = linear(s)
        table["perception"][f"subject {s}"] = perception(DEMO / f"subject{s}" / "perception", s)
        latents = CONTROLS / f"linear/subject{s}/linear/latents"
        table["perception"][f"linear baseline, subject {s}"] = perception(latents, s)
    null = CONTROLS / "null/subject0"
    table["retrieval"]["null subject"] = semantic(null, NULL)
    table["semantic ablations"]["null subject"] = semantic(null, NULL) | for_keyframes(null, NULL)
    mean = mean_frame()
    table["perception"]["training-mean frame"] = pixels(lambda rows: mean.expand(len(rows), 6, -1, -1, -1))
    table["perception"]["true frames through the codec"] = pixels(through_codec)
    for name, folder in (
        ("all losses", DEMO),
        ("no BiMixCo", CONTROLS / "no-bimixco"),
        ("no Reftm", CONTROLS / "no-reftm"),
    ):
        folder = folder / "subject1"
        table["semantic ablations"][name] = semantic(folder, 1) | for_keyframes(folder, 1)
    table["perception ablations"]["as shipped"] = table["perception"]["subject 1"]
    for name in ("no-contrast", "over-frames", "no-temporal"):
        table["perception ablations"][name] = perception(CONTROLS / name / "subject1" / "perception", 1)
    for s in (1, 2):
        table["minutes"][f"shared, subject {s}"] = semantic(CONTROLS / "shared" / f"subject{s}", s)
    for m in MINUTES:
        table["minutes"][f"{m} min"] = semantic(CONTROLS / f"joined-{m}" / "subject3", 3)
    table["minutes"]["alone, 128 min"] = table["retrieval"]["subject 3"]
    return table


def markdown(rows: dict[str, dict[str, float]], percent: bool) -> str:
    """A table of the README."""
    columns = list(next(iter(rows.values())))
    lines = [f"| | {' | '.join(columns)} |", "|---" * (len(columns) + 1) + "|"]
    for name, row in rows.items():
        values = [f"{100 * row[c]:.1f}%" if percent else f"{row[c]:.3f}" for c in columns]
        lines.append(f"| {name} | {' | '.join(values)} |")
    return "\n".join(lines)


if __name__ == "__main__":
    if "--tables" not in sys.argv:
        train_controls()
        TABLES.write_text(json.dumps(measure(), indent=1))
    for title, rows in json.loads(TABLES.read_text()).items():
        print(f"\n{title}\n\n{markdown(rows, percent='perception' not in title)}")
