"""From one fMRI sample to one film: the seven steps of NeuroClips, used by the app, the command line and the tests."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from neuroclips.config import SMOOTH_PROMPT, InferenceConfig, ZooConfig
from neuroclips.errors import InputError
from neuroclips.pretrained.base import Captioner, Codec, KeyframeGenerator, VideoGenerator
from neuroclips.pretrained.precision import precision
from neuroclips.reconstructors.perception import PerceptionReconstructor
from neuroclips.reconstructors.prior import DiffusionPrior
from neuroclips.reconstructors.semantic import SemanticReconstructor
from neuroclips.types import FmriSample, Guidance, Reconstruction, Stage


@dataclass(frozen=True)
class SubjectModels:
    """The reconstructors of one subject."""

    perception: PerceptionReconstructor
    semantic: SemanticReconstructor
    prior: DiffusionPrior


class NeuroClips:
    """The whole pipeline of one zoo. It is given samples only: nothing here could take true frames or captions."""

    def __init__(
        self,
        config: ZooConfig,
        subjects: Callable[[int], SubjectModels],
        codec: Codec,
        keyframes: KeyframeGenerator,
        captioners: Mapping[str, Captioner],
        video: VideoGenerator,
    ):
        self.config, self.subjects = config, subjects
        self.codec, self.keyframes, self.captioners, self.video = codec, keyframes, captioners, video
        self._one_at_a_time = threading.Lock()  # schedulers keep their timesteps between calls

    @torch.no_grad()
    def __call__(
        self,
        sample: FmriSample,
        guidance: Guidance = Guidance(),  # noqa: B008 - frozen
        seed: int = 0,
        video_steps: int | None = None,
        video_solver: str | None = None,
        captioner: str = "blip2",
        on_progress: Callable[[Stage], None] | None = None,
    ) -> Reconstruction:
        """Reconstruct one film; `captioner` names one of `captioners`, steps and solver are otherwise those of the zoo.

        Randomness depends on `seed` and the step alone, so the same sample and seed give the same video.
        `on_progress` is called within and after each step; raising in it cancels the reconstruction.
        """
        if captioner not in self.captioners:
            raise InputError(f"got captioner {captioner!r}, expected one of: {', '.join(self.captioners)}")
        given = {"video_steps": video_steps, "video_solver": video_solver}
        numbers = replace(self.config.inference, **{name: value for name, value in given.items() if value})
        with self._one_at_a_time:
            return self._reconstruct(sample, guidance, seed, numbers, captioner, _Clock(on_progress))

    def _reconstruct(
        self, sample: FmriSample, guidance: Guidance, seed: int, numbers: InferenceConfig, captioner: str, clock: _Clock
    ) -> Reconstruction:
        guidance = replace(guidance, gamma=guidance.gamma and guidance.beta)  # no keyframe, no caption
        models = self.subjects(sample.subject)
        voxels = self._checked(sample, models)

        # 1. Perception Reconstructor: the blurry video (alpha guidance)
        with clock.step("blurry video") as step:
            blurry = self.codec.decode(models.perception(voxels)[0])  # (n_frames, 3, H, W)
            step.result = blurry
        keyframe, tokens, caption = None, None, SMOOTH_PROMPT
        if guidance.beta:
            # 2. Semantics Reconstructor: voxels to brain tokens
            with clock.step("brain tokens"):
                brain_tokens = models.semantic(voxels)  # (1, n_tokens, clip_dim)
            # 3. Diffusion prior: brain tokens to image tokens
            with clock.step("image tokens"):
                tokens = models.prior.sample(
                    brain_tokens, numbers.prior_steps, _generator(seed, 3), numbers.prior_samples
                )
            # 4. Keyframe, from the image tokens and the first blurry frame (beta guidance)
            with clock.step("keyframe") as step:
                keyframe = self.keyframes(
                    tokens,
                    blurry[:1] if guidance.alpha else None,
                    start=numbers.keyframe_start,
                    num_inference_steps=numbers.keyframe_steps,
                    guidance_scale=numbers.keyframe_guidance,
                    generator=_generator(seed, 4),
                    solver=numbers.keyframe_solver,
                    on_step=step.report,
                )[0]
                step.result = keyframe
            # 5. Caption of the keyframe (gamma guidance)
            if guidance.gamma:
                with clock.step("caption") as step:
                    caption = step.result = self.captioners[captioner](keyframe[None], tokens)[0]
        # 6. The frozen text-to-video model under all three
        with clock.step("video") as step:
            video = self.video(
                caption,
                keyframe,
                blurry if guidance.alpha else None,
                n_video_frames=numbers.n_video_frames,
                theta=numbers.theta,
                start=numbers.video_start,
                num_inference_steps=numbers.video_steps,
                guidance_scale=numbers.video_guidance,
                generator=_generator(seed, 6),
                solver=numbers.video_solver,
                on_step=step.report,
            )
            step.result = video
        # 7. Everything together
        tokens = None if tokens is None else tokens[0]
        settings = {
            "captioner": captioner,
            "video_steps": numbers.video_steps,
            "video_solver": numbers.video_solver,
            "precision": precision(),
        }
        return Reconstruction(
            blurry, keyframe, caption, video, tokens, guidance, seed, self.config.name, clock.seconds, settings
        )

    @staticmethod
    def _checked(sample: FmriSample, models: SubjectModels) -> Tensor:
        for model in (models.perception, models.semantic):
            if sample.voxels.shape != (model.n_voxels,):
                raise InputError(
                    f"got voxels of shape {tuple(sample.voxels.shape)}, expected ({model.n_voxels},) for subject "
                    f"{sample.subject}: another subject's sample, or other voxels than its reconstructors were trained "
                    "on"
                )
        return sample.voxels[None]


def _generator(seed: int, step: int) -> torch.Generator:
    return torch.Generator().manual_seed(1000 * seed + step)


class _Clock:
    """Times the steps and tells `on_progress` about them."""

    def __init__(self, on_progress: Callable[[Stage], None] | None):
        self.on_progress, self.seconds = on_progress or (lambda stage: None), {}

    @contextmanager
    def step(self, name: str):
        running = _Step(name, self.on_progress)
        running.report(0.0)
        yield running
        self.seconds[name] = round(time.perf_counter() - running.started, 4)
        self.on_progress(Stage(name, 1.0, self.seconds[name], running.result))


class _Step:
    def __init__(self, name: str, on_progress: Callable[[Stage], None]):
        self.name, self.on_progress, self.result = name, on_progress, None
        self.started = time.perf_counter()

    def report(self, fraction: float) -> None:
        """Tell how far the step is; 1.0 is told when it has ended."""
        if fraction < 1:
            self.on_progress(Stage(self.name, fraction, time.perf_counter() - self.started))
