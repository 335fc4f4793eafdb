"""From fMRI samples to films: the seven steps of NeuroClips, used by the app, the command line and the tests."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, overload

import torch
from torch import Tensor

from neuroclips.errors import InputError
from neuroclips.noise import Generators, seeded
from neuroclips.once import loaded_once
from neuroclips.pretrained.base import Captioner, Codec, KeyframeGenerator, VideoGenerator
from neuroclips.progress import Clock, OnProgress, rows_of
from neuroclips.subject_models import SubjectModels, load_subject
from neuroclips.types import SMOOTH_PROMPT, FmriSample, Reconstruction, Settings, Step
from neuroclips.zoo import Zoo, best_device, load_part, zoo_named


class NeuroClips:
    """The whole pipeline of one zoo. It is given samples only: nothing here could take true frames or captions."""

    def __init__(self, zoo: Zoo, part: Callable[[str], Any], subjects: Callable[[int], SubjectModels]):
        """part, subjects : give the models of a role and of a subject, when they are first asked for."""
        self.zoo, self.part, self.subjects = zoo, part, subjects
        self._one_at_a_time = threading.Lock()  # schedulers keep their timesteps between calls

    @property
    def codec(self) -> Codec:
        return self.part("codec")

    @property
    def keyframes(self) -> KeyframeGenerator:
        return self.part("keyframes")

    @property
    def video(self) -> VideoGenerator:
        return self.part("video")

    def captioner(self, name: str) -> Captioner:
        """A captioner of the zoo. Raises InputError for another name."""
        return self.part(f"captioner/{name}")

    @overload
    def __call__(
        self, samples: FmriSample, settings: Settings | None = None, on_progress: OnProgress | None = None
    ) -> Reconstruction: ...

    @overload
    def __call__(
        self, samples: Sequence[FmriSample], settings: Settings | None = None, on_progress: OnProgress | None = None
    ) -> list[Reconstruction]: ...

    @torch.no_grad()
    def __call__(self, samples, settings=None, on_progress=None):
        """Reconstruct the film of one sample, or those of several samples of one subject together.

        settings : None are those of the zoo. Randomness depends on the seed, the number of the clip and the step alone,
        so the same sample and seed give the same film, whatever its neighbours. `on_progress` is called within and
        after each step; raising in it cancels the reconstruction. Raises InputError for voxels that do not fit, and for
        a step whose values are not finite.
        """
        alone = isinstance(samples, FmriSample)
        settings = settings or self.zoo.settings
        batch = [_edited(sample, settings) for sample in ([samples] if alone else samples)]
        _expect_one_subject(batch)
        self._expect(batch, settings)
        parts = [[sample] for sample in batch] if self._neighbours_count() else [batch]
        with self._one_at_a_time:
            made = [self._reconstruct(part, settings, Clock(on_progress, len(part))) for part in parts]
        return made[0][0] if alone else sum(made, [])

    def _expect(self, samples: list[FmriSample], settings: Settings) -> None:
        """Raises InputError for what cannot be done, before a large model is loaded."""
        self.zoo.expect(settings)
        models = self.subjects(samples[0].subject)
        _checked(samples, models)
        most = models.prior.config.n_timesteps
        if settings.prior_steps > most:
            raise InputError(f"got prior steps {settings.prior_steps}, expected at most {most}, those of its training")

    def _neighbours_count(self) -> bool:
        """Whether rounding makes a film of a batch another one: in bfloat16 on a CPU, by up to seven grey values.

        There samples are reconstructed one after the other. In float32 films differ by less than 0.001 grey values.
        """
        return self.video.device.type == "cpu" and self.video.precision == "bfloat16"

    def _reconstruct(self, samples: list[FmriSample], settings: Settings, clock: Clock) -> list[Reconstruction]:
        settings = settings.used
        captioner = self.captioner(settings.captioner) if settings.guidance.gamma else None
        models = self.subjects(samples[0].subject)
        voxels = _checked(samples, models)  # (B, n_voxels)

        # 1. Perception Reconstructor: the blurry video (alpha guidance)
        with clock.step(Step.BLURRY_VIDEO) as step:
            step.results = blurry = self.codec.decode(models.perception(voxels))  # (B, n_frames, 3, H, W)
        keyframes, tokens, captions = None, None, [SMOOTH_PROMPT] * len(samples)
        if settings.guidance.beta:
            # 2. Semantics Reconstructor: voxels to brain tokens
            with clock.step(Step.BRAIN_TOKENS) as step:
                step.results = brain_tokens = models.semantic(voxels)  # (B, n_tokens, clip_dim)
            # 3. Diffusion prior: brain tokens to image tokens
            with clock.step(Step.IMAGE_TOKENS) as step:
                noise = _generators(samples, settings, 3)
                tokens = models.prior.sample(brain_tokens, settings.prior_steps, noise, settings.prior_samples)
                step.results = tokens
            # 4. Keyframe, from the image tokens and the first blurry frame (beta guidance)
            with clock.step(Step.KEYFRAME) as step:
                step.results = keyframes = self.keyframes(
                    tokens,
                    blurry[:, 0] if settings.guidance.alpha else None,
                    start=settings.keyframe_start,
                    num_inference_steps=settings.keyframe_steps,
                    guidance_scale=settings.keyframe_guidance,
                    generators=_generators(samples, settings, 4),
                    solver=settings.keyframe_solver,
                    on_step=step.report,
                )
            # 5. Caption of the keyframe (gamma guidance)
            if captioner:
                with clock.step(Step.CAPTION) as step:
                    step.results = captions = captioner(keyframes, tokens)
        # 6. The frozen text-to-video model under all three
        with clock.step(Step.VIDEO) as step:
            step.results = videos = self.video(
                captions,
                keyframes,
                blurry if settings.guidance.alpha else None,
                n_video_frames=settings.n_video_frames,
                theta=settings.theta,
                start=settings.video_start,
                num_inference_steps=settings.video_steps,
                guidance_scale=settings.video_guidance,
                generators=_generators(samples, settings, 6),
                solver=settings.video_solver,
                on_step=step.report,
            )
        # 7. Everything together
        rows = zip(*(rows_of(x, len(samples)) for x in (blurry, keyframes, captions, videos, tokens)), strict=True)
        about = (settings, self.zoo.name, self.video.precision, clock.seconds, models.origins)
        return [Reconstruction(b, k, c, v, t, *about) for b, k, c, v, t in rows]


def _edited(sample: FmriSample, settings: Settings) -> FmriSample:
    for edit in settings.edits:
        sample = edit(sample)
    return sample


def _expect_one_subject(samples: Sequence[FmriSample]) -> None:
    subjects = sorted({sample.subject for sample in samples})
    if len(subjects) != 1:
        got = ", ".join(map(str, subjects)) or "none"
        raise InputError(f"got samples of subjects {got}, expected samples of one: reconstruct each subject apart")


def _checked(samples: Sequence[FmriSample], models: SubjectModels) -> Tensor:
    """Voxels (B, n_voxels), where the reconstructors are."""
    for sample in samples:
        for model in (models.perception, models.semantic):
            if sample.voxels.shape != (model.n_voxels,):
                raise InputError(
                    f"got voxels of shape {tuple(sample.voxels.shape)}, expected ({model.n_voxels},) for subject "
                    f"{sample.subject}: another subject's sample, or other voxels than its reconstructors were trained "
                    "on"
                )
    like = next(models.perception.parameters())
    return torch.stack([sample.voxels for sample in samples]).to(like.device, like.dtype)


def _generators(samples: Sequence[FmriSample], settings: Settings, step: int) -> Generators:
    return [seeded(settings.seed, sample.clip, step) for sample in samples]


def load_pipeline(
    zoo: Zoo | str = "demo",
    reconstructors: Path | None = None,
    device: torch.device | str | None = None,
    dtype: torch.dtype = torch.float32,
) -> NeuroClips:
    """The pipeline of a zoo, whose models are loaded when they are first used; device None is the best there is.

    `reconstructors` is a folder of your own: what it has of subjectS/{perception,semantic,prior} takes the place of the
    zoo's. Raises InputError for an unknown zoo.
    """
    table = zoo if isinstance(zoo, Zoo) else zoo_named(zoo)
    own = Path(reconstructors) if reconstructors else None
    return _pipeline(table, own, torch.device(device or best_device()), dtype)


@loaded_once
def _pipeline(zoo: Zoo, own: Path | None, device: torch.device, dtype: torch.dtype) -> NeuroClips:
    """One for all who ask for the same, whose lock then keeps them from each other."""
    return NeuroClips(
        zoo,
        lambda role: load_part(zoo, role, device, dtype),
        loaded_once(lambda subject: load_subject(zoo, subject, own, device)),
    )
