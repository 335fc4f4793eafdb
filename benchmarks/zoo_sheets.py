"""Contact sheets of the demo zoo for docs/results.md: python benchmarks/zoo_sheets.py

assets/readme/zoo.jpg: shipped test clips on their way, with true and with decoded guidance.
assets/readme/decoded.jpg: precomputed films of subject 1 beside the true ones, from best to worst by score.
assets/readme/neighbours.jpg: generated keyframes beside the training frames that are nearest to them.
"""

from __future__ import annotations

import sys
from pathlib import Path

import torch
from PIL import Image
from torch import Tensor
from torch.nn.functional import avg_pool2d
from torchvision.transforms.functional import to_tensor

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

from perfect import blurry, film, keyframes  # noqa: E402

from neuroclips import precomputed, viz  # noqa: E402
from neuroclips.data.registry import load_dataset  # noqa: E402
from neuroclips.media import read_video, to_uint8  # noqa: E402
from neuroclips.pipeline import load_pipeline  # noqa: E402
from neuroclips.train.demo_zoo.keyframes import N_SHOTS  # noqa: E402
from neuroclips.types import Step  # noqa: E402
from neuroclips.web.films import held_out_frames, load, to_pixels  # noqa: E402

HOME = ROOT / "assets" / "readme"
N_DECODED = 9
SUBJECT, CLIPS, MOMENTS = 1, range(0, 60, 6), (0, 7, 15)


def way_of(clip: int) -> list[Tensor]:
    """True frames, codec, keyframe and video from true guidance, and everything as decoded from the brain."""
    data, pipeline = load_dataset(), load_pipeline()
    truth = data.stimulus(clip, 16)
    key = keyframes(truth[:1])[0]
    ideal = film(data.caption(clip), key, blurry(truth))
    decoded = pipeline(data.sample(SUBJECT, clip))
    coded = pipeline.codec.decode(pipeline.codec.encode(truth[:1]))[0].cpu()
    brain = [decoded.blurry_video[0], decoded.keyframe, *(decoded.video[m] for m in MOMENTS)]
    return [*(truth[m] for m in MOMENTS), coded, key, *(ideal[m] for m in MOMENTS), *brain]


COLUMNS = ["true, 0 s", "0.9 s", "1.9 s", "codec", "keyframe*", "video*", "0.9 s", "1.9 s"] + [
    "blurry",
    "keyframe",
    "video",
    "0.9 s",
    "1.9 s",
]


def nearest(pictures: Tensor, n_found: int = 3) -> list[list[Tensor]]:
    """The training frames nearest to each picture (n, 3, H, W), by squared error at 24 x 24 pixels, nearest first."""
    frames, small = load(N_SHOTS, 1)[0][:, 0], lambda x: avg_pool2d(x, 4).flatten(1)
    known = torch.cat([small(to_pixels(frames[i : i + 1000])) for i in range(0, N_SHOTS, 1000)])
    order = torch.cdist(small(pictures), known).argsort(1)[:, :n_found].tolist()
    return [list(to_pixels(frames[rows])) for rows in order]


def decoded() -> None:
    """Clips evenly spaced by rank, from best to worst: true frames, blurry frame, keyframe, film."""
    clips = precomputed.ranked(SUBJECT)
    rows, names = [], []
    for place in (round(share * (len(clips) - 1) / (N_DECODED - 1)) for share in range(N_DECODED)):
        clip = clips[place]
        paths, truth = precomputed.files(SUBJECT, clip), load_dataset().stimulus(clip, 16)
        film, blurry_film = read_video(paths[Step.VIDEO]), read_video(paths[Step.BLURRY_VIDEO])
        keyframe = to_tensor(Image.open(paths[Step.KEYFRAME]).convert("RGB"))
        pictures = [*truth[list(MOMENTS)], blurry_film[0], keyframe, *film[list(MOMENTS)]]
        rows.append([to_uint8(x) for x in pictures])
        names.append(f"clip {clip}, {place + 1} of {len(clips)}")
    columns = ["true, 0 s", "0.9 s", "1.9 s", "blurry", "keyframe", "video, 0 s", "0.9 s", "1.9 s"]
    viz.contact_sheet(rows, columns, names).savefig(HOME / "decoded.jpg", dpi=110)


@torch.no_grad()
def main() -> None:
    decoded()
    rows = [[to_uint8(x) for x in way_of(clip)] for clip in CLIPS]
    viz.contact_sheet(rows, COLUMNS, [f"clip {clip}" for clip in CLIPS]).savefig(HOME / "zoo.jpg", dpi=110)
    frames = held_out_frames()[0][:16]
    made = keyframes(frames)
    rows = [[t, m, *near] for t, m, near in zip(frames, made, nearest(made), strict=True)]
    rows = [[to_uint8(x) for x in a + b] for a, b in zip(rows[:8], rows[8:], strict=True)]
    columns = ["held out", "made of its tokens", "nearest trained on", "second", "third"] * 2
    viz.contact_sheet(rows, columns, [""] * 8).savefig(HOME / "neighbours.jpg", dpi=110)


if __name__ == "__main__":
    main()
