"""Score the reconstructors beside baselines, controls and ablations: python benchmarks/reconstructors.py [SECTION ...]

Trains the controls that are not shipped into runs/controls (about an hour on two cores for all sections), makes the
simulated dataset if it is not there, writes the sections (default: all) into assets/readme/reconstructors.json with the
version that they were measured on, and prints what is stored; --tables only prints.
`python benchmarks/results.py` makes the tables of docs/results.md.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import cosine_similarity
from tqdm import tqdm

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from stored import store, tables  # noqa: E402

from neuroclips.data.preprocessed import PreprocessedDataset  # noqa: E402
from neuroclips.data.training import open_training  # noqa: E402
from neuroclips.metrics.pixel import pixel_correlation, ssim  # noqa: E402
from neuroclips.metrics.retrieval import retrieval_in_pools  # noqa: E402
from neuroclips.noise import seeded  # noqa: E402
from neuroclips.paths import CHECKPOINTS  # noqa: E402
from neuroclips.pretrained.codec import LatentCodec  # noqa: E402
from neuroclips.pretrained.precision import in_bfloat16  # noqa: E402
from neuroclips.reconstructors import weights  # noqa: E402
from neuroclips.reconstructors.perception import PerceptionConfig  # noqa: E402
from neuroclips.reconstructors.prior import PriorConfig  # noqa: E402
from neuroclips.reconstructors.released import (  # noqa: E402
    ReleasedPerceptionConfig,
    ReleasedPriorConfig,
    ReleasedSemanticConfig,
)
from neuroclips.reconstructors.semantic import SemanticConfig  # noqa: E402
from neuroclips.simulation.simulate import simulate  # noqa: E402
from neuroclips.train.reconstructors.study import Study  # noqa: E402
from neuroclips.zoo import load_part, zoo_named  # noqa: E402

Rows = dict[str, dict[str, float]]
CONTROLS, TABLES = ROOT / "runs" / "controls", ROOT / "assets" / "readme" / "reconstructors.json"
DEMO, SUBJECTS, NULL, SHIPPED, POOL = CHECKPOINTS / "demo", (1, 2, 3), 0, 300, 300
PERCENT = ("retrieval", "semantic ablations", "minutes")
MINUTES = (8, 16, 32, 64, 128)  # of film, each seen twice; 128 are all 16 films that are trained on
LINEAR = {f"linear/subject{s}/linear": f"--stage linear --subject {s}" for s in SUBJECTS}
# section -> folder below CONTROLS -> options of `python -m neuroclips train`; later ones build on earlier ones
ORDERS: dict[str, dict[str, str]] = {
    "retrieval": {**LINEAR, "null/subject0/semantic": "--stage semantic --subject null"},
    "perception": LINEAR,
    "semantic ablations": {
        "null/subject0/semantic": "--stage semantic --subject null",
        "null/subject0/prior": "--stage prior --subject null",
        "no-bimixco/subject1/semantic": "--stage semantic --subject 1 --set contrast=none",
        "no-bimixco/subject1/prior": "--stage prior --subject 1",
        "no-reftm/subject1/semantic": "--stage semantic --subject 1 --set reftm=0",
        "no-reftm/subject1/prior": "--stage prior --subject 1 --set mu=0",
    },
    "perception ablations": {
        f"{name}/subject1/perception": f"--stage perception --subject 1 {options}"
        for name, options in (
            ("no-contrast", "--set contrast=0"),
            ("over-frames", "--set contrast_over=frames --set contrast=1.0"),
            ("no-temporal", "--set network.temporal_attention=false"),
        )
    },
    "minutes": {
        "shared": "--stage semantic --subject 1,2",
        **{
            f"joined-{m}/subject3/semantic": f"--stage semantic --subject 3 --minutes {m} --backbone "
            f"{CONTROLS / 'shared' / 'subject1' / 'semantic'}"
            for m in MINUTES
        },
    },
}


def train_controls(section: str) -> None:
    """Train what is not there yet."""
    for name, options in tqdm(ORDERS[section].items(), desc=f"controls of {section}"):
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
    clip = load_part(zoo_named(), "clip")
    return torch.cat([clip.image_tokens(part).cpu() for part in true_frames()[:, 3].split(64)])


def retrieval(tokens: Tensor, centre: Tensor) -> dict[str, float]:
    """Table 4 for tokens (1200, n_tokens, clip_dim): on the 300 shipped clips, and mean of four pools of 300."""
    brain, image = ((x - centre).flatten(1) for x in (tokens, true_tokens()))
    table = {}
    for where, rows in (("300", slice(SHIPPED)), ("1200", slice(None))):
        table[f"keyframe, {where}"] = retrieval_in_pools(brain[rows], image[rows], POOL)
        table[f"fMRI, {where}"] = retrieval_in_pools(image[rows], brain[rows], POOL)
    return table


def semantic(folder: Path, subject: int, shift: int = 0) -> dict[str, float]:
    """Retrieval by the projected brain tokens; `shift` gives every clip the fMRI of another, so many clips away."""
    model = weights.load(folder / "semantic")
    return retrieval(model.projected(voxels(subject).roll(shift, 0)), model.centre)


def for_keyframes(folder: Path, subject: int) -> dict[str, float]:
    """Cosine with the true tokens of what could go to the keyframe generator: brain tokens, or samples of the prior."""
    model, prior = weights.load(folder / "semantic"), weights.load(folder / "prior")
    numbers, brain = zoo_named().settings, model(voxels(subject))
    sampled = [
        prior.sample(brain[rows], numbers.prior_steps, [seeded(0, int(row)) for row in rows], numbers.prior_samples)
        for rows in tqdm(torch.arange(len(brain)).split(100), desc="prior")
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
    """Pixel correlation and SSIM, over all six frames, of `make(rows)`: (n, 6, 3, H, W)."""
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
    model, (_, decode) = weights.load(folder), codec()
    return pixels(lambda rows: decode(model(voxels(subject)[rows]).flatten(0, 1)).unflatten(0, (len(rows), -1)))


def through_codec(rows: Tensor) -> Tensor:
    """The ceiling: true frames, encoded and decoded."""
    encode, decode = codec()
    return decode(encode(true_frames()[rows].flatten(0, 1))).unflatten(0, (len(rows), -1))


@cache
def codec() -> tuple[Callable[[Tensor], Tensor], Callable[[Tensor], Tensor]]:
    """Encode and decode, as films are: in bfloat16 where the CPU has it (58 dB from float32)."""
    return _in_bfloat16(LatentCodec.encode), _in_bfloat16(LatentCodec.decode)


def _in_bfloat16(method: Callable[..., Tensor]) -> Callable[[Tensor], Tensor]:
    """A method of the codec as films use it; what it gives is on the CPU."""
    loaded = load_part(zoo_named(), "codec")
    return lambda values: in_bfloat16(method)(loaded, values).cpu()


def mean_frame() -> Tensor:
    """Mean (3, H, W) of every eighth clip of the training films, which knows nothing of the brain."""
    study = Study(open_training("simulated"), SUBJECTS)
    return torch.stack([study.data.frames(int(clip)).mean(0) for clip in study.all_train[::8]]).mean(0)


def of_retrieval() -> Rows:
    rows = {}
    for s in SUBJECTS:
        rows[f"subject {s}"] = semantic(DEMO / f"subject{s}", s)
        rows[f"linear baseline, subject {s}"] = linear(s)
        rows[f"swapped, subject {s}"] = semantic(DEMO / f"subject{s}", s, shift=600)
    return rows | {"null subject": semantic(CONTROLS / "null/subject0", NULL)}


def of_perception() -> Rows:
    rows, mean = {}, mean_frame()
    for s in SUBJECTS:
        rows[f"subject {s}"] = perception(DEMO / f"subject{s}" / "perception", s)
        rows[f"linear baseline, subject {s}"] = perception(CONTROLS / f"linear/subject{s}/linear/latents", s)
    rows["training-mean frame"] = pixels(lambda clips: mean.expand(len(clips), 6, -1, -1, -1))
    return rows | {"true frames through the codec": pixels(through_codec)}


def of_semantic_ablations() -> Rows:
    homes = {"all losses": DEMO, "no BiMixCo": CONTROLS / "no-bimixco", "no Reftm": CONTROLS / "no-reftm"}
    subjects = {name: (home / "subject1", 1) for name, home in homes.items()}
    subjects["null subject"] = (CONTROLS / "null/subject0", NULL)
    return {name: semantic(*place) | for_keyframes(*place) for name, place in subjects.items()}


def of_perception_ablations() -> Rows:
    rows = {"as shipped": perception(DEMO / "subject1" / "perception", 1)}
    for name in ("no-contrast", "over-frames", "no-temporal"):
        rows[name] = perception(CONTROLS / name / "subject1" / "perception", 1)
    return rows


def of_minutes() -> Rows:
    rows = {f"shared, subject {s}": semantic(CONTROLS / "shared" / f"subject{s}", s) for s in (1, 2)}
    rows |= {f"{m} min": semantic(CONTROLS / f"joined-{m}" / "subject3", 3) for m in MINUTES}
    return rows | {"alone, 128 min": semantic(DEMO / "subject3", 3)}


SECTIONS: dict[str, Callable[[], Rows]] = {
    "retrieval": of_retrieval,
    "perception": of_perception,
    "semantic ablations": of_semantic_ablations,
    "perception ablations": of_perception_ablations,
    "minutes": of_minutes,
}


@torch.no_grad()
def measure(sections: list[str]) -> None:
    """Write each section, as soon as it is measured, into the stored tables."""
    for name in sections:
        train_controls(name)
        store(TABLES, name, SECTIONS[name]())


def millions() -> Rows:
    """Parameters [million] of our networks at the paper's size, 13,447 voxels, and in compatibility form."""
    n = 13_447
    ours = {
        "semantic": weights.n_parameters(SemanticConfig(), n_voxels=n),
        "semantic, head_rank=512": weights.n_parameters(SemanticConfig(head_rank=512), n_voxels=n),
        "prior": weights.n_parameters(PriorConfig()),
        "perception": weights.n_parameters(PerceptionConfig(), n_voxels=n),
        "perception, extension_rank=64": weights.n_parameters(PerceptionConfig(extension_rank=64), n_voxels=n),
        "semantic and prior as released": weights.n_parameters(ReleasedSemanticConfig(text_dim=1280), n_voxels=n)
        + weights.n_parameters(ReleasedPriorConfig()),
        "perception as released": weights.n_parameters(ReleasedPerceptionConfig(), n_voxels=n),
    }
    return {name: {"million": round(count / 1e6, 1)} for name, count in ours.items()}


def markdown(rows: Rows, percent: bool) -> str:
    """A section as a table."""
    columns = list(next(iter(rows.values())))
    lines = [f"| | {' | '.join(columns)} |", "|---" * (len(columns) + 1) + "|"]
    for name, row in rows.items():
        values = [f"{100 * row[c]:.1f}%" if percent else f"{row[c]:.3f}" for c in columns]
        lines.append(f"| {name} | {' | '.join(values)} |")
    return "\n".join(lines)


if __name__ == "__main__":
    if "--tables" not in sys.argv:
        measure(sys.argv[1:] or list(SECTIONS))
    for title, table in tables(TABLES).items():
        print(f"\n{title}, version {table['version']}\n\n{markdown(table['rows'], percent=title in PERCENT)}")
    print(f"\nparameters at the paper's size\n\n{markdown(millions(), percent=False)}")
