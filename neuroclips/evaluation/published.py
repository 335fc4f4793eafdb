"""Published results on cc2017, each under the protocol of the program that made it. Other data, other judges than ours.

Never in one column with scores of other protocols: for the same films of NeuroClips CLIP-pcc is 0.738 by one program
and 0.513 by another. The paper's own tables are here, too, for what they say of directions.
"""

from __future__ import annotations

from dataclasses import dataclass

from neuroclips.metrics.registry import METRICS


@dataclass(frozen=True)
class Published:
    """scores : by names of the registry of metrics, means over the three subjects unless `note` says otherwise.

    protocol : of neuroclips.metrics.protocols, whose program made these numbers; "paper", of whose program nothing is
    known, has those of the paper itself; None: none of these. checked : whether they were read in a paper itself, not
    in notes about it. A table that mixes programs, as T1 does, has a row under each.
    """

    method: str
    venue: str
    protocol: str | None
    scores: dict[str, float]
    source: str
    note: str = ""
    checked: bool = True


T1, SEM = "NeuroClips (arXiv 2410.19452), table 1", "SemVideo (arXiv 2602.21819), scored again there"
QUOTED = "by which program is inferred: of two that quote each other this one alone has PSNR and a gated CLIP-pcc"
S1 = "subject 1"
VCFLOW = "VCFlow (arXiv 2511.02565)"


Pair = tuple[float | None, float | None]


def _scores(video: Pair = (None, None), frame: Pair = (None, None), **others: float) -> dict[str, float]:
    """By names: 2-way and 50-way of films and of frames, then the others."""
    pairs = zip(("video_2_way", "video_50_way", "frame_2_way", "frame_50_way"), (*video, *frame), strict=True)
    return {name: value for name, value in pairs if value is not None} | others


PUBLISHED: tuple[Published, ...] = (
    Published("Nishimoto 2011", "Current Biology", "mind-video", _scores(frame=(0.727, None), ssim=0.116), T1, S1),
    Published("Wen 2018", "Cerebral Cortex", "mind-video",
              _scores((None, 0.166), (0.758, 0.070), ssim=0.114), T1, f"{S1}, one test segment"),
    Published("Wang 2022, f-CVGAN", "Cerebral Cortex", "mind-video",
              _scores((0.773, None), (0.713, None), ssim=0.118), T1, S1),
    Published("Kupershmidt 2022", "arXiv 2206.03544", "mind-video",
              _scores((0.771, None), (0.764, 0.179), ssim=0.135), T1, S1),
    Published("MinD-Video", "NeurIPS 2023", "mind-video",
              _scores((0.839, 0.197), (0.796, 0.174), ssim=0.171), f"arXiv 2305.11675; {T1}"),
    Published("NeuroClips", "NeurIPS 2024", "paper",
              _scores((0.834, 0.220), (0.806, 0.203), ssim=0.390, psnr=9.211, clip_pcc=0.738), T1,
              "its metric code was not released: which program made these is not known"),
    Published("Nishimoto 2011", "Current Biology", "mind-animator", {"psnr": 8.012}, T1, f"{S1}; {QUOTED}"),
    Published("Wen 2018", "Cerebral Cortex", "mind-animator", {"psnr": 7.646}, T1,
              f"{S1}, one test segment; {QUOTED}"),
    Published("Wang 2022, f-CVGAN", "Cerebral Cortex", "mind-animator", {"psnr": 11.432, "clip_pcc": 0.402}, T1,
              f"{S1}; {QUOTED}"),
    Published("Kupershmidt 2022", "arXiv 2206.03544", "mind-animator", {"psnr": 8.761, "clip_pcc": 0.386}, T1,
              f"{S1}; {QUOTED}"),
    Published("MinD-Video", "NeurIPS 2023", "mind-animator", {"psnr": 8.662, "clip_pcc": 0.408}, T1, QUOTED),
    Published("MinD-Video", "NeurIPS 2023", "mind-animator",
              _scores((0.848, 0.197), ssim=0.177, clip_pcc=0.409, end_point_error=6.125, hue_pcc=0.768), SEM),
    Published("Mind-Animator", "ICLR 2025", "mind-animator",
              _scores((0.830, 0.186), ssim=0.321, psnr=9.220, clip_pcc=0.425, end_point_error=5.422, hue_pcc=0.786),
              "arXiv 2405.03280"),
    Published("NeuroClips", "NeurIPS 2024", "mind-animator",
              _scores((0.834, 0.220), ssim=0.390, clip_pcc=0.513, end_point_error=4.833, hue_pcc=0.812), SEM),
    Published("NEURONS", "ICCV 2025", "mind-animator",
              _scores((0.853, 0.246), ssim=0.285, clip_pcc=0.482, end_point_error=4.827, hue_pcc=0.830), SEM),
    Published("SemVideo", "CVPR 2026", "mind-animator",
              _scores((0.865, 0.264), ssim=0.321, clip_pcc=0.526, end_point_error=4.788, hue_pcc=0.849),
              "arXiv 2602.21819"),
    Published("NEURONS", "ICCV 2025", "neurons", _scores((0.863, 0.262), clip_pcc=0.934), "arXiv 2503.11167"),
    Published("VCFlow", "ICLR 2026", "neurons",
              _scores((0.845, 0.182), (0.779, 0.140), ssim=0.396, psnr=10.478, clip_pcc=0.940), VCFLOW,
              "a subject that it never saw", checked=False),
    Published("NEURONS", "ICCV 2025", "neurons",
              _scores((0.836, 0.161), (0.749, 0.101), ssim=0.380, psnr=9.612, clip_pcc=0.931), VCFLOW,
              "a subject that it never saw, scored again by VCFlow", checked=False),
    Published("NeuroClips, run again by a user", "2025", None,
              _scores((0.668, 0.139), (0.658, 0.117), ssim=0.281, psnr=10.178, clip_pcc=0.925),
              "gongzix/NeuroClips, issue 15", "subject 3"),
    Published("CineNeuron", "CVPR 2026", None,
              {"ssim": 0.375, "psnr": 9.476, "clip_pcc": 0.972, "end_point_error": 1.628}, "arXiv 2605.14569",
              "2-way 0.850 and 50-way 0.240, of frames or films is not said", checked=False),
)  # fmt: skip


# NeuroClips, table 2, by the names of our conditions
PAPER_TABLE_2: dict[str, dict[str, float]] = {
    "no-keyframe": _scores((0.751, 0.164), (0.702, 0.128), ssim=0.413, psnr=9.334, clip_pcc=0.695),
    "no-blurry": _scores((0.838, 0.213), (0.805, 0.193), ssim=0.256, psnr=8.989, clip_pcc=0.718),
    "git": _scores((0.828, 0.195), (0.785, 0.174), ssim=0.399, psnr=9.297, clip_pcc=0.728),
    "full": _scores((0.830, 0.208), (0.799, 0.187), ssim=0.392, psnr=9.226, clip_pcc=0.736),
}
# NeuroClips, table 4: top-1 of 300 by subject
PAPER_TABLE_4 = {"keyframe": (0.231, 0.263, 0.173), "fmri": (0.207, 0.198, 0.159)}


def direction(condition: str, metric: str) -> float | None:
    """What the full model has more than an ablation in the paper's table 2, None where the paper has no such score."""
    name = stands_for(metric)
    full, ablated = PAPER_TABLE_2["full"].get(name), PAPER_TABLE_2.get(condition, {}).get(name)
    return None if full is None or ablated is None else round(full - ablated, 4)


def stands_for(metric: str) -> str:
    """The metric in whose place ours is, where a judge of fewer classes does the largest N that it can."""
    return (METRICS[metric].instead_of if metric in METRICS else "") or metric


def under(protocol: str | None) -> list[Published]:
    """The published results of one protocol."""
    return [row for row in PUBLISHED if row.protocol == protocol]
