"""Train the demo text-to-video model (MotionAdapter and SparseControlNetModel): --stage zoo-video.

As in AnimateDiff, the image model stays as it is and only what moves it is learnt: motion modules between its layers,
and SparseCtrl, which starts from it. Both are trained together on web clips, the first frame given in four of five
batches, the words dropped in one of ten for guidance. Three of four batches are on the way from a blurry video, as
equation 5 starts (`guided.left_by_blurry`): it holds less than noise over the film itself, and a model that has not
seen any takes what is missing in it for missing in the film. There, half of the first frames are of another film of the
same object (`guided.misplaced`), as decoded keyframes may be: they tell what is seen, the blurry video where.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from diffusers import MotionAdapter, SparseControlNetModel, UNet2DConditionModel, UNetMotionModel
from diffusers.models.attention_processor import AttnProcessor
from torch import Tensor

from neuroclips.config import ZOOS
from neuroclips.pretrained.clip import OpenClip
from neuroclips.pretrained.codec import LatentCodec
from neuroclips.pretrained.judges import FrameJudge
from neuroclips.pretrained.keyframes import pad_channels
from neuroclips.pretrained.video import AnimateDiffSparseCtrl, on_first_frame, sparse_residuals
from neuroclips.simulation.shots import Shot
from neuroclips.train.demo_zoo.guided import any_noise, blurry_latents, misplaced, noise_from_blurry
from neuroclips.train.demo_zoo.keyframes import WIDTHS, build_scheduler
from neuroclips.train.demo_zoo.scores import accuracy, class_of, likeness, seen_in
from neuroclips.train.engine.export import save_half
from neuroclips.train.engine.job import Job
from neuroclips.train.engine.recipe import Recipe, Turn
from neuroclips.train.engine.start import load_weights
from neuroclips.train.targets.encoders import weights_key
from neuroclips.train.targets.latents import object_weights, velocity_loss, web_latents, web_text_tokens
from neuroclips.web.films import CLIP_FPS, CLIP_FRAMES, draw, held_out_clips, time_of, web_shots

RECIPE = Recipe(steps=2000, learning_rate=8e-4, batch_size=2, ema=0.998, mixed_precision="bf16", validate_every=100_000)
N_CLIPS, N_FILMS = 6000, 8  # web clips that are learnt from, and films that are validated
FIRST = 20_000  # web shots that the image models did not see


def build_adapter() -> MotionAdapter:
    """Motion modules whose last layers are zero, so that a fresh one leaves the image model as it is."""
    adapter = MotionAdapter(
        block_out_channels=WIDTHS,
        motion_layers_per_block=1,
        motion_mid_block_layers_per_block=1,
        motion_num_attention_heads=4,
        motion_norm_num_groups=16,
        motion_max_seq_length=32,
        use_motion_mid_block=False,
    )
    for name, weight in adapter.named_parameters():
        if ".proj_out." in name:
            torch.nn.init.zeros_(weight)
    return adapter


def build_control(image_unet: UNet2DConditionModel) -> SparseControlNetModel:
    """SparseCtrl of the UNet's size and, where they match, with its weights; its output convolutions are zero."""
    channels = image_unet.config.out_channels
    control = SparseControlNetModel(
        in_channels=channels,
        conditioning_channels=channels,
        block_out_channels=WIDTHS,
        layers_per_block=1,
        down_block_types=("CrossAttnDownBlockMotion", "CrossAttnDownBlockMotion", "DownBlockMotion"),
        cross_attention_dim=image_unet.config.cross_attention_dim,
        attention_head_dim=4,
        motion_max_seq_length=32,
        motion_num_attention_heads=4,
        use_simplified_condition_embedding=True,
        concat_conditioning_mask=True,
        norm_num_groups=16,
    )
    source, target = image_unet.state_dict(), control.state_dict()
    shared = {k: v for k, v in source.items() if k in target and target[k].shape == v.shape}
    control.load_state_dict(shared, strict=False)
    return control


class VideoJob(Job):
    """Denoise web clips given their words and, mostly, their first frame."""

    bars = {"text alone": 0.9, "keyframe and text": 0.95, "likeness": 0.9}
    web_shots = (FIRST, N_CLIPS)

    def __init__(self, out: Path, start: Path | None = None):
        self.out, zoo = out, ZOOS["demo"].folder
        self.identity = {"keyframes": weights_key(zoo / "keyframes")}
        image_unet = UNet2DConditionModel.from_pretrained(zoo / "keyframes" / "unet", torch_dtype=torch.float32)
        self.adapter = build_adapter()
        control = build_control(image_unet)
        if start:
            load_weights({"motion": self.adapter, "control": control}, start)
        unet = UNetMotionModel.from_unet2d(image_unet, self.adapter)
        unet.freeze_unet2d_params()
        self.modules = {"unet": unet, "control": control}
        for module in self.modules.values():
            module.set_attn_processor(AttnProcessor())  # in bfloat16 on a CPU twice as fast as the fused one
        self.latents = web_latents(N_CLIPS, CLIP_FRAMES, FIRST, zoo / "codec")  # (N, F, C, 12, 12)
        self.codec = LatentCodec.from_pretrained(zoo / "codec")
        self.words = web_text_tokens(N_CLIPS, zoo / "clip", FIRST)
        self.shots, self.times = web_shots(FIRST, N_CLIPS), [time_of(i) for i in range(FIRST, FIRST + N_CLIPS)]
        self.scheduler = build_scheduler()

    def loss(self, turn: Turn) -> Tensor:
        generator = turn.local_generator
        chosen = draw(N_CLIPS, turn.local_size, generator)
        clean = self.latents[chosen].transpose(1, 2)  # (B, C, F, h, w)
        keyed = turn.step % 5 > 0  # alike on every process, so that none waits for another
        noise, t, keyframes = self._start(chosen, clean, generator, turn.step % 4 > 0, keyed)
        noisy = self.scheduler.add_noise(clean, noise, t)
        words = self.words[chosen] * (torch.rand(len(clean), 1, 1, generator=generator) > 0.1)
        words = words.repeat_interleave(CLIP_FRAMES, 0)
        residuals = {}
        if keyed:
            residuals = sparse_residuals(self.modules["control"], t, words, *on_first_frame(keyframes, noisy))
        unet = self.modules["unet"]
        predicted = unet(pad_channels(noisy, unet.config.in_channels), t, words, **residuals).sample
        return velocity_loss(self.scheduler, predicted, clean, noise, t, self._weights(chosen))

    def _start(
        self, chosen, clean: Tensor, generator: torch.Generator, from_blurry: bool, keyed: bool
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Noise like `clean`, timesteps (B,) and, when they are asked for, keyframes, latents (B, C, h, w)."""
        true_first = clean[:, :, 0]
        if not from_blurry:
            return *any_noise(self.scheduler, clean, generator), true_first
        indices = [FIRST + int(i) for i in chosen]
        rng = np.random.default_rng(torch.randint(2**31, (1,), generator=generator).item())
        blurry = blurry_latents(self.codec, indices, CLIP_FRAMES, rng)
        noise, t = noise_from_blurry(self.scheduler, clean, blurry, generator)
        return noise, t, misplaced(self.codec, indices, true_first, rng) if keyed else true_first

    def _weights(self, chosen) -> Tensor:
        """Loss weights (B, 1, F, side, side) that follow the object's box."""
        side = self.latents.shape[-1]
        frames = [
            object_weights([self.shots[i] for i in chosen], [self.times[i] + f / CLIP_FPS for i in chosen], side)
            for f in range(CLIP_FRAMES)
        ]
        return torch.stack(frames, 2)

    def validate(self) -> dict[str, float]:
        """Of films of held-out web clips: the class that is seen, from words alone and after a true first frame."""
        zoo, (clips, shots) = ZOOS["demo"].folder, held_out_clips(N_FILMS)
        clip, judge = OpenClip.from_pretrained(zoo / "clip"), FrameJudge.from_pretrained(zoo / "frame_judge")
        codec, keys, classes = LatentCodec.from_pretrained(zoo / "codec"), clips[:, 0], class_of(shots)
        model = AnimateDiffSparseCtrl(self.modules["unet"], self.modules["control"], self.scheduler, codec, clip)
        alone, first = _films(model, shots, [None] * N_FILMS), _films(model, shots, keys)
        return {
            "text alone": accuracy(seen_in(judge, alone), classes),
            "keyframe and text": accuracy(seen_in(judge, first), classes),
            "likeness": likeness(clip, first, keys),
        }

    def export(self) -> None:
        learnt = {k: v for k, v in self.modules["unet"].state_dict().items() if "motion_modules" in k}
        self.adapter.load_state_dict(learnt)
        save_half(self.adapter, self.out / "motion")
        save_half(self.modules["control"], self.out / "control")
        self.scheduler.save_pretrained(self.out / "scheduler")


def _films(model: AnimateDiffSparseCtrl, shots: Sequence[Shot], keyframes: Sequence[Tensor | None]) -> Tensor:
    """Videos (n, 16, 3, H, W) of the captions of shots and, where there are any, keyframes."""
    numbers = ZOOS["demo"].inference
    films = [
        model(
            shot.caption,
            key,
            None,
            n_video_frames=CLIP_FRAMES,
            theta=numbers.theta,
            start=1.0,
            num_inference_steps=numbers.video_steps,
            solver=numbers.video_solver,
            guidance_scale=numbers.video_guidance,
            generator=torch.Generator().manual_seed(i),
        )
        for i, (shot, key) in enumerate(zip(shots, keyframes, strict=True))
    ]
    return torch.stack(films)
