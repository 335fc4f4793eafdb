"""How well neighbouring clips are joined: python benchmarks/fusion.py ["decision, subject 1" "joints, subject 1" ...]

Whether two decoded keyframes show one class, as the fusion classifier says, and how smoothly one film runs into the
next, joined in every way and not at all. Clips are those of the validation films (the last two of 18 training films),
half of the boundaries with a cut; the section "shipped" takes the decisions on the stored keyframes of the shipped test
clips, which chose nothing. Writes assets/readme/fusion.json.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from functools import cache, partial
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from skimage.registration import optical_flow_ilk
from skimage.transform import warp
from torch import Tensor

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from settings import SUBJECTS, means, sample, study  # noqa: E402
from stored import measure  # noqa: E402

from neuroclips import precomputed  # noqa: E402
from neuroclips.data.registry import load_dataset  # noqa: E402
from neuroclips.data.simulated import SHIPPED_FILMS, frames  # noqa: E402
from neuroclips.guides import Guides  # noqa: E402
from neuroclips.longfilms.decide import same_class  # noqa: E402
from neuroclips.longfilms.join import Joining, joined  # noqa: E402
from neuroclips.longfilms.plan import SAME  # noqa: E402
from neuroclips.memory import Memory  # noqa: E402
from neuroclips.metrics.report import evaluate  # noqa: E402
from neuroclips.pipeline import load_pipeline  # noqa: E402
from neuroclips.preprocessing.layout import N_SAMPLES, TR  # noqa: E402
from neuroclips.simulation.shots import Shot, shot_at  # noqa: E402
from neuroclips.train.demo_zoo.scores import accuracy, class_of, seen_in  # noqa: E402
from neuroclips.types import Guidance, Step  # noqa: E402
from neuroclips.zoo import load_judges, load_part, zoo_named  # noqa: E402

TABLE = ROOT / "assets" / "readme" / "fusion.json"
N_BOUNDARIES, N_JOINTS = 10, 5  # of each subject: with a cut and as many without; those that are joined
MOST = "both, 4 frames"  # the join that both films depend on
MEMORY = Memory(most=10_000)
JOINS: dict[str, Joining | None] = {"apart": None}
JOINS |= {f"head, {lead} frames": Joining(join="head", lead=lead) for lead in (0, 4)}
JOINS |= {MOST: Joining(join="both", lead=4)}
JOINS |= {"tail": Joining(join="tail")}


def shown(clip: int, kind: str = "train", first: int = 0) -> Shot:
    """The shot in the middle of a clip, where its keyframe is."""
    film, tr = divmod(clip, N_SAMPLES)
    return shot_at(kind, film + first, (tr + 0.5) * TR)


@cache
def boundaries(with_cut: bool) -> list[int]:
    """The former clips of boundaries within the validation films, evenly spaced among those with or without a cut."""
    former = [int(c) for c in study().validation if (int(c) + 1) % N_SAMPLES]
    alike = [c for c in former if (shown(c) != shown(c + 1)) == with_cut]
    return alike[:: len(alike) // N_BOUNDARIES][:N_BOUNDARIES]


def guides(subject: int, clip: int, captioned: bool = True) -> Guides:
    """Everything of a validation clip but its film; what was decoded for it before is kept."""
    settings = replace(zoo_named().settings, guidance=Guidance(gamma=captioned))
    return load_pipeline().guides([sample(subject, clip)], settings, memory=MEMORY)[0]


def one_class(keyframes: Tensor) -> list[bool]:
    """Whether next ones of keyframes (n, 3, H, W) count as of one class, (n - 1) times."""
    zoo = zoo_named()
    return [p > SAME for p in same_class(keyframes, load_part(zoo, "clip"), load_part(zoo, "fusion"))]


@cache
def said(subject: int, former: int) -> bool:
    pair = [guides(subject, clip, captioned=False).keyframe for clip in (former, former + 1)]
    return one_class(torch.stack(pair))[0]


def accuracies(answers: list[bool], pairs: list[tuple[Shot, Shot]]) -> dict[str, float]:
    """How often the answers are right, beside how often "one class" is, which a guess would always say."""
    answered = np.array(answers)
    same = np.array([one.name == other.name for one, other in pairs])
    cut = np.array([one != other for one, other in pairs])
    right = answered == same
    return {
        "boundaries": len(pairs),
        "one class": same.mean(),
        "accuracy": right.mean(),
        "balanced accuracy": (right[same].mean() + right[~same].mean()) / 2,
        "without a cut": (~cut).sum(),
        "right without a cut": right[~cut].mean(),
        "with a cut to another class": (cut & ~same).sum(),
        "right with a cut to another class": right[cut & ~same].mean(),
    }


def decision(subject: int) -> dict[str, float]:
    """Decisions on keyframes decoded from validation films."""
    former = [*boundaries(False), *boundaries(True)]
    rows = accuracies([said(subject, c) for c in former], [(shown(c), shown(c + 1)) for c in former])
    return {name: float(value) for name, value in rows.items()}


def shipped() -> dict[str, dict[str, float]]:
    """Decisions on the stored keyframes of the test clips, of every subject; they are WebP, not as they were made."""
    info, rows = load_dataset().info, {}
    former = [c for c in range(info.n_clips - 1) if info.follows(c, c + 1)]
    pairs = [(shown(c, "test", SHIPPED_FILMS[0][1]), shown(c + 1, "test", SHIPPED_FILMS[0][1])) for c in former]
    for subject in SUBJECTS:
        files = [precomputed.files(subject, clip)[Step.KEYFRAME] for clip in range(info.n_clips)]
        pictures = [np.array(Image.open(file).convert("RGB")) for file in files]
        answers = one_class(torch.from_numpy(np.stack(pictures)).movedim(-1, 1).float() / 255)  # (n, 3, H, W)
        found = accuracies([answers[c] for c in former], pairs)
        rows[f"subject {subject}"] = {name: float(value) for name, value in found.items()}
    return rows


def flow(one: Tensor, other: Tensor) -> tuple[float, float]:
    """Mean optical flow [pixels] between two frames (3, H, W), and the mean grey difference that it leaves.

    Iterative Lucas-Kanade (scikit-image).
    """
    before, after = (frame.mean(0).numpy() for frame in (one, other))
    down, right = optical_flow_ilk(before, after)
    rows, columns = np.meshgrid(*(np.arange(n) for n in before.shape), indexing="ij")
    moved = warp(after, np.array([rows + down, columns + right]), mode="edge")
    return float(np.hypot(down, right).mean()), float(np.abs(moved - before).mean())


def smoothness(film: Tensor, joint: int) -> dict[str, float]:
    """Of a film (n, 3, H, W): how like the frames on both sides of `joint` are, and other neighbours."""
    embeddings = load_part(zoo_named(), "clip judge").image_embeddings(film)
    like = F.cosine_similarity(embeddings[:-1], embeddings[1:], dim=-1)
    inside = torch.ones(len(like), dtype=torch.bool)
    inside[joint - 1] = False
    (across, left), others = flow(film[joint - 1], film[joint]), inside.nonzero().flatten().tolist()[::4]
    within = np.array([flow(film[i], film[i + 1]) for i in others]).mean(0)
    return {
        "likeness across": like[joint - 1].item(),
        "likeness within": like[inside].mean().item(),
        "flow across": across,
        "flow within": float(within[0]),
        "unexplained across": left,
        "unexplained within": float(within[1]),
    }


def scores(video: Tensor, clip: int, side: str) -> dict[str, float]:
    """What the film of a clip shows, and its scores against the true one."""
    judges = load_judges(zoo_named())
    found = evaluate(video, frames("train", *divmod(clip, N_SAMPLES), len(video)), judges)
    seen = accuracy(seen_in(judges.frame, video[None]), class_of([shown(clip)]))
    return {f"{side}: class": seen, f"{side}: frame 2-way": found.frame_2_way, f"{side}: SSIM": found.ssim}


def joint(subject: int, former: int, names: Sequence[str] = tuple(JOINS)) -> dict[str, dict[str, float]]:
    """Two clips joined in several ways: films of the demo zoo's settings, seed 0."""
    one, other = (guides(subject, c) for c in (former, former + 1))
    alone, next_alone, tailed = map(film, (one, other, Joining(join="tail").guided(one, None, other)))
    rows = {}
    for name in names:
        how = JOINS[name]
        first = tailed if how and how.has_tail else alone
        later = film(how.guided(other, first, None)) if how and how.has_head else next_alone
        kept = how.kept(2, len(first)) if how else [slice(0, len(first))] * 2
        whole = joined([first, later], kept)
        rows[name] = smoothness(whole, kept[0].stop) | scores(first, former, "former")
        rows[name] |= scores(later, former + 1, "later")
    return rows


def film(guided: Guides) -> Tensor:
    return load_pipeline().films([guided])[0].video


def joints(subject: int) -> dict[str, dict[str, float]]:
    """Means over boundaries without a cut that the decision joins."""
    former = [c for c in boundaries(False) if said(subject, c)][:N_JOINTS]
    return averages([joint(subject, c) for c in former])


def mistakes(subject: int) -> dict[str, dict[str, float]]:
    """Means over boundaries with a cut to another class that the decision joins all the same."""
    other = [c for c in boundaries(True) if shown(c).name != shown(c + 1).name]
    joined_all_the_same = [c for c in other if said(subject, c)][:N_JOINTS]
    return averages([joint(subject, c, ("apart", MOST)) for c in joined_all_the_same])


def averages(found: list[dict[str, dict[str, float]]]) -> dict[str, dict[str, float]]:
    names = found[0] if found else ()
    return {name: {"joints": len(found), **means(each[name] for each in found)} for name in names}


SECTIONS = {f"decision, subject {s}": partial(decision, s) for s in SUBJECTS}
SECTIONS |= {f"joints, subject {s}": partial(joints, s) for s in SUBJECTS}
SECTIONS |= {f"mistakes, subject {s}": partial(mistakes, s) for s in SUBJECTS}
SECTIONS |= {"shipped": shipped}

if __name__ == "__main__":
    measure(TABLE, SECTIONS, sys.argv[1:])
