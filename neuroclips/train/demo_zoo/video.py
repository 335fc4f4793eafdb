"""Train the demo text-to-video model (MotionAdapter and SparseControlNetModel): --stage zoo-video.

As in AnimateDiff, the image model stays as it is and only what moves it is learnt: motion modules between its layers,
and SparseCtrl, which starts from it. Both are trained together on web clips, the first frame given in four of five
batches, the words dropped in one of ten for guidance. Three of four films of a batch are on the way from a blurry
video, each from a place of its own, as equation 5 starts (`guided.left_by_blurry`): it holds less than noise over the
film itself, and a model that has not seen any takes what is missing in it for missing in the film. There, half of the
first frames are of another film of the same object (`guided.unsure`), as decoded keyframes may be: they tell what is
seen, the blurry video where.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from diffusers import MotionAdapter, SparseControlNetModel, UNet2DConditionModel, UNetMotionModel
from diffusers.models.attention_processor import AttnProcessor
from torch import Tensor

from neuroclips.pretrained.keyframes import pad_channels
from neuroclips.pretrained.video import AnimateDiffSparseCtrl, interpolate_frames, on_first_frame, sparse_residuals
from neuroclips.simulation.shots import Shot
from neuroclips.train.demo_zoo.guided import FROM_BLURRY, MISPLACED, any_noise, noise_from_blurry, unsure
from neuroclips.train.demo_zoo.keyframes import WIDTHS, build_scheduler
from neuroclips.train.demo_zoo.scores import accuracy, class_of, likeness, seen_in
from neuroclips.train.engine import draws
from neuroclips.train.engine.export import save_model, save_scheduler
from neuroclips.train.engine.job import Job
from neuroclips.train.engine.recipe import Recipe, Turn
from neuroclips.train.engine.start import load_weights
from neuroclips.train.spec import RECIPE as RECIPE_OPTIONS
from neuroclips.train.spec import StageSpec
from neuroclips.train.targets.latents import object_weights, velocity_loss, web_latents, web_text_tokens
from neuroclips.types import Settings
from neuroclips.web.films import CLIP_FRAMES, held_out_clips, web_boxes
from neuroclips.zoo import Zoo, load_part

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
    modules: dict[str, Any]  # of diffusers, whose classes a type checker does not see
    web_shots, n_samples = (FIRST, N_CLIPS), N_CLIPS

    def __init__(self, zoo: Zoo, out: Path, start: Path | None = None, n: int | None = None):
        self.zoo, self.out, self.scheduler, n = zoo, out, build_scheduler(), n or N_CLIPS
        self.web_shots, self.n_samples = (FIRST, n), n
        image_unet = load_part(zoo, "image model", "cpu")
        self.adapter, control = build_adapter(), build_control(image_unet)
        if start:
            load_weights({"motion": self.adapter, "control": control}, start)
        unet = UNetMotionModel.from_unet2d(image_unet, self.adapter)
        unet.freeze_unet2d_params()
        self.modules = {"unet": unet, "control": control}
        for module in self.modules.values():
            module.set_attn_processor(AttnProcessor())  # in bfloat16 on a CPU twice as fast as the fused one
        self.tensors = {
            "latents": web_latents(n, CLIP_FRAMES, FIRST, zoo),  # (N, F, C, h, w)
            "words": web_text_tokens(n, zoo, FIRST),
            "boxes": web_boxes(FIRST, n, CLIP_FRAMES),  # (N, F, 4)
            **unsure(n, FIRST, zoo),
        }

    def loss(self, turn: Turn) -> Tensor:
        generator, known = turn.local_generator, self.tensors
        chosen = draws.indices(self.n_samples, turn.local_size, generator, self.device)
        clean = known["latents"][chosen].transpose(1, 2)
        keyed = turn.step % 5 > 0  # alike on every process, so that none waits for another
        noise, t, keyframes = self._start(chosen, clean, generator)
        noisy = self.scheduler.add_noise(clean, noise, t)
        words = known["words"][chosen] * (draws.uniform((len(clean), 1, 1), generator, self.device) > 0.1)
        words = words.repeat_interleave(CLIP_FRAMES, 0)
        residuals = {}
        if keyed:
            residuals = sparse_residuals(self.modules["control"], t, words, *on_first_frame(keyframes, noisy))
        unet = self.modules["unet"]
        predicted = unet(pad_channels(noisy, unet.config.in_channels), t, words, **residuals).sample
        weights = object_weights(known["boxes"][chosen], clean.shape[-1])[:, None]  # (B, 1, F, side, side)
        return velocity_loss(self.scheduler, predicted, clean, noise, t, weights)

    def _start(self, chosen: Tensor, clean: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor, Tensor]:
        """Noise like `clean`, timesteps (B,) and keyframes, latents (B, C, h, w), of every film as it starts."""
        known, true_first = self.tensors, clean[:, :, 0]
        which = draws.indices(known["blurry"].shape[1], len(chosen), generator, self.device)
        blurry = interpolate_frames(known["blurry"][chosen, which], CLIP_FRAMES).transpose(1, 2)
        from_any = any_noise(self.scheduler, clean, generator)
        from_blurry = noise_from_blurry(self.scheduler, clean, blurry, generator, self.zoo.settings.theta)
        is_blurry, is_moved = draws.uniform((2, len(chosen)), generator, self.device)
        is_blurry = is_blurry < FROM_BLURRY
        noise, t = (torch.where(rows(is_blurry, a), a, b) for a, b in zip(from_blurry, from_any, strict=True))
        is_moved = is_blurry & (is_moved < MISPLACED)
        return noise, t, torch.where(rows(is_moved, true_first), known["misplaced"][chosen, which], true_first)

    def validate(self) -> dict[str, float]:
        """Of films of held-out web clips: the class that is seen, from words alone and after a true first frame."""
        clips, shots = held_out_clips(N_FILMS)
        clip, judge, codec, text = (load_part(self.zoo, x) for x in ("clip", "frame judge", "codec", "text encoder"))
        model = AnimateDiffSparseCtrl(self.modules["unet"], self.modules["control"], self.scheduler, codec, text)
        keys, classes, numbers = clips[:, 0], class_of(shots), self.zoo.settings
        alone, first = films(model, shots, None, numbers), films(model, shots, keys, numbers)
        return {
            "text alone": accuracy(seen_in(judge, alone), classes),
            "keyframe and text": accuracy(seen_in(judge, first), classes),
            "likeness": likeness(clip, first, keys),
        }

    def export(self) -> None:
        learnt = {k: v for k, v in self.modules["unet"].state_dict().items() if "motion_modules" in k}
        self.adapter.load_state_dict(learnt)
        save_model(self.adapter, self.out / "motion", self.dtype)
        save_model(self.modules["control"], self.out / "control", self.dtype)
        save_scheduler(self.scheduler, self.out / "scheduler")


def rows(which: Tensor, like: Tensor) -> Tensor:
    """Truth (B,) as (B, 1, ...), for rows of `like` (B, ...)."""
    return which.view(-1, *[1] * (like.dim() - 1))


def films(model: AnimateDiffSparseCtrl, shots: Sequence[Shot], keyframes: Tensor | None, numbers: Settings) -> Tensor:
    """Videos (n, 16, 3, H, W) of the captions of shots and, where there are any, keyframes (n, 3, H, W)."""
    return model(
        [shot.caption for shot in shots],
        keyframes,
        None,
        n_video_frames=CLIP_FRAMES,
        theta=numbers.theta,
        start=1.0,
        num_inference_steps=numbers.video_steps,
        solver=numbers.video_solver,
        guidance_scale=numbers.video_guidance,
        generators=[torch.Generator().manual_seed(i) for i in range(len(shots))],
    )


STAGE = StageSpec(
    "zoo-video",
    lambda given: VideoJob(given.zoo, given.out, given.start, given.n_web),
    {"demo": RECIPE},
    role="video",
    needs=("text encoder", "codec", "image model"),
    options=("start", *RECIPE_OPTIONS),
    large_batch=48,
)
