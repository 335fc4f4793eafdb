"""Train the demo judges on web films: --stage zoo-frame-judge (object classes), --stage zoo-video-judge (actions).

The models that paint pictures learnt from the shots of the frame judge, too. --stage zoo-own-frame-judge makes one that
shares no shot with any of them, as the video judge does.
"""

from __future__ import annotations

import copy
from dataclasses import replace
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor
from transformers import VideoMAEConfig, VideoMAEForVideoClassification, ViTConfig, ViTForImageClassification

from neuroclips.pretrained.judges import FrameJudge, VideoJudge
from neuroclips.simulation.shots import Shot
from neuroclips.simulation.vocabulary import CLASS_NAMES, OBJECTS
from neuroclips.train.demo_zoo.captioner import degrade
from neuroclips.train.demo_zoo.scores import accuracy, class_of, in_parts
from neuroclips.train.engine import draws
from neuroclips.train.engine.export import save_model
from neuroclips.train.engine.job import Job
from neuroclips.train.engine.recipe import Recipe, Turn
from neuroclips.train.spec import RECIPE, StageSpec
from neuroclips.web.films import CLIP_FRAMES, held_out_clips, held_out_frames, load, to_pixels
from neuroclips.zoo import Zoo, load_part

RECIPES = {
    "zoo-frame-judge": Recipe(steps=1400, learning_rate=1e-3, batch_size=64, weight_decay=0.05, ema=0.995),
    "zoo-video-judge": Recipe(
        steps=5500,
        learning_rate=1e-3,
        batch_size=32,
        weight_decay=0.05,
        ema=0.998,
        mixed_precision="bf16",
        validate_every=500,
    ),
}
N_SHOTS, N_CLIPS, FIRST_CLIP = 16_000, 16_000, 30_000
FIRST_OWN = 50_000  # of web shots that no other model learns from
ACTIONS = tuple(f"{o.name}: {m}" for o in OBJECTS.values() for m in o.motions)  # as Kinetics names who does what
SIDE = 64  # pixels that the judges see
SIZES = {"hidden_size": 96, "num_hidden_layers": 4, "num_attention_heads": 4, "intermediate_size": 288}


def action_of(shot: Shot) -> int:
    """The number of what a shot shows among ACTIONS."""
    return ACTIONS.index(f"{shot.name}: {shot.motion}")


def _labels(names) -> dict:
    return {"id2label": dict(enumerate(names)), "label2id": {n: i for i, n in enumerate(names)}}


def _vary(clips: Tensor, generator: torch.Generator) -> Tensor:
    """Cut the same random square, 80 pixels or more, out of all clips (B, F, 3, H, W) and mirror every other one."""
    side = int(torch.randint(80, clips.shape[-1] + 1, (1,), generator=generator))
    top, left = torch.randint(clips.shape[-1] - side + 1, (2,), generator=generator).tolist()
    clips = clips[..., top : top + side, left : left + side]
    clips[1::2] = clips[1::2].flip(-1)
    return clips


class FrameJudgeJob(Job):
    bars = {"class": 0.98}
    web_shots, n_samples = (0, N_SHOTS), N_SHOTS

    def __init__(self, out: Path):
        config = ViTConfig(image_size=SIDE, patch_size=8, **SIZES, **_labels(CLASS_NAMES))
        self.judge, self.out = FrameJudge(ViTForImageClassification(config)), out
        self.modules = {"vit": self.judge.model}
        frames, shots = load(N_SHOTS, 1, self.web_shots[0])
        self.tensors = {"frames": torch.from_numpy(frames[:, 0]), "labels": class_of(shots)}

    def loss(self, turn: Turn) -> Tensor:
        generator = turn.local_generator
        chosen = draws.indices(N_SHOTS, turn.local_size, generator, self.device)
        logits = self.judge(degrade(to_pixels(self.tensors["frames"][chosen]), generator))
        return F.cross_entropy(logits, self.tensors["labels"][chosen], label_smoothing=0.05)

    def validate(self) -> dict[str, float]:
        """Classes of held-out web frames."""
        frames, shots = held_out_frames()
        return {"class": accuracy(self.judge(frames), class_of(shots))}

    def export(self) -> None:
        save_model(self.judge.model, self.out, self.dtype)


class OwnFrameJudgeJob(FrameJudgeJob):
    web_shots = (FIRST_OWN, N_SHOTS)


def trained(zoo: Zoo, start: Path) -> VideoJudge:
    """The video judge in a folder, to train on; loaded as that of the zoo is, for the library renamed its weights."""
    part = replace(zoo.part("video judge"), source=str(start.resolve()), subfolder=None)
    return copy.deepcopy(load_part(Zoo("start", (part,)), part.role, "cpu")).requires_grad_(True)


class VideoJudgeJob(Job):
    bars = {"action": 0.95}
    web_shots, n_samples = (FIRST_CLIP, N_CLIPS), N_CLIPS

    def __init__(self, zoo: Zoo, out: Path, start: Path | None = None):
        config = VideoMAEConfig(
            image_size=SIDE,
            patch_size=16,
            num_frames=CLIP_FRAMES,
            tubelet_size=2,
            use_mean_pooling=True,
            hidden_size=128,
            num_hidden_layers=6,
            num_attention_heads=4,
            intermediate_size=384,
            **_labels(ACTIONS),
        )
        self.out = out
        self.judge = trained(zoo, start) if start else VideoJudge(VideoMAEForVideoClassification(config))
        self.judge.model.set_attn_implementation("eager")  # in bfloat16 on a CPU faster than the fused one
        self.modules = {"videomae": self.judge.model}
        clips, shots = load(N_CLIPS, CLIP_FRAMES, FIRST_CLIP)  # 7 GB, which stay on disk while the CPU trains
        self.tensors = {"clips": torch.from_numpy(clips), "labels": torch.tensor([action_of(s) for s in shots])}

    def loss(self, turn: Turn) -> Tensor:
        generator = turn.local_generator
        chosen = draws.indices(N_CLIPS, turn.local_size, generator, self.device)
        clips = _vary(self.tensors["clips"][chosen], generator)
        frames = clips.flatten(0, 1)
        if frames.device.type != "cpu":
            frames = frames.float()  # only a CPU resizes bytes, four times as fast
        small = F.interpolate(frames, SIDE, mode="bilinear", antialias=True)
        logits = self.judge(degrade(small.float() / 255, generator).unflatten(0, clips.shape[:2]))
        return F.cross_entropy(logits, self.tensors["labels"][chosen], label_smoothing=0.05)

    def validate(self) -> dict[str, float]:
        """Actions of held-out web clips."""
        clips, shots = held_out_clips()
        return {"action": accuracy(in_parts(self.judge, clips, 16), torch.tensor([action_of(s) for s in shots]))}

    def export(self) -> None:
        save_model(self.judge.model, self.out, self.dtype)


FRAME_STAGE = StageSpec(
    "zoo-frame-judge",
    lambda given: FrameJudgeJob(given.out),
    {"demo": RECIPES["zoo-frame-judge"]},
    role="frame judge",
)
OWN_FRAME_STAGE = StageSpec(
    "zoo-own-frame-judge",
    lambda given: OwnFrameJudgeJob(given.out),
    {"demo": RECIPES["zoo-frame-judge"]},
    role="frame judge/own shots",
)
VIDEO_STAGE = StageSpec(
    "zoo-video-judge",
    lambda given: VideoJudgeJob(given.zoo, given.out, given.start),
    {"demo": RECIPES["zoo-video-judge"]},
    role="video judge",
    options=("start", *RECIPE),
)
