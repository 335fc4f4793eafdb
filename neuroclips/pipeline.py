"""From fMRI samples to films: the seven steps of NeuroClips, used by the app, the command line and the tests."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from copy import copy
from functools import partial
from pathlib import Path
from typing import Any, TypeVar, overload

import torch
from torch import Tensor, nn

from neuroclips.decodable import edited, expect_decodable, voxels_of
from neuroclips.draws import Draws
from neuroclips.guides import Guides
from neuroclips.memory import Memory, take
from neuroclips.noise import Generators, seeded
from neuroclips.once import MODELS, loaded_once
from neuroclips.parts import OWN
from neuroclips.placement import Placement, placement_of
from neuroclips.pretrained.base import Captioner, Codec, KeyframeGenerator, VideoGenerator
from neuroclips.progress import Clock, OnProgress, rows_of
from neuroclips.reconstructors.prior import DiffusionPrior
from neuroclips.subject_models import SubjectModels, load_subject
from neuroclips.turns import device_of, turn
from neuroclips.types import FmriSample, Reconstruction, Settings, Step
from neuroclips.zoo import ANIMATEDIFF, Zoo, load_part, zoo_named

Given = TypeVar("Given")


class NeuroClips:
    """The whole pipeline of one zoo. It is given samples only: nothing here could take true frames or captions."""

    def __init__(
        self, zoo: Zoo, part: Callable[[str], Any], subjects: Callable[[int], SubjectModels], computes: str = ""
    ):
        """part, subjects : give the models of a role and of a subject, when they are first asked for.

        computes : device and dtype, which a memory keeps apart.
        """
        self.zoo, self.part, self.subjects, self.computes = zoo, part, subjects, computes
        self._one_at_a_time = threading.Lock()  # schedulers keep their timesteps between calls

    def with_subject(self, models: SubjectModels) -> NeuroClips:
        """The same models behind these reconstructors, for all subjects; runs of both wait for each other."""
        other = copy(self)
        other.subjects = lambda subject: models
        return other

    @property
    def codec(self) -> Codec:
        return self.part("codec")

    @property
    def keyframes(self) -> KeyframeGenerator:
        return self.part("keyframes")

    @property
    def video(self) -> VideoGenerator:
        return self.video_model()

    def video_model(self, name: str = ANIMATEDIFF) -> VideoGenerator:
        """A video model of the zoo. Raises InputError for another name."""
        return self.part(self.zoo.video_role(name))

    def captioner(self, name: str) -> Captioner:
        """A captioner of the zoo. Raises InputError for another name."""
        return self.part(f"captioner/{name}")

    @overload
    def __call__(
        self,
        samples: FmriSample,
        settings: Settings | None = None,
        on_progress: OnProgress | None = None,
        memory: Memory | None = None,
        previews: bool = False,
    ) -> Reconstruction: ...

    @overload
    def __call__(
        self,
        samples: Sequence[FmriSample],
        settings: Settings | None = None,
        on_progress: OnProgress | None = None,
        memory: Memory | None = None,
        previews: bool = False,
    ) -> list[Reconstruction]: ...

    @torch.no_grad()
    def __call__(self, samples, settings=None, on_progress=None, memory=None, previews=False):
        """Reconstruct the film of one sample, or those of several samples of one subject together.

        settings : None are those of the zoo. Randomness depends on the seed, the number of the clip and the step alone,
        so the same sample and seed give the same film, whatever its neighbours. `on_progress` is called within and
        after each step; raising in it cancels the reconstruction. With `previews` it is also shown what the models that
        denoise would give now, which costs time and changes nothing. With a `memory`, steps that were taken before are
        not taken again. Raises InputError for voxels that do not fit, and for a step whose values are not finite.
        """
        alone = isinstance(samples, FmriSample)
        settings = settings or self.zoo.settings
        batch = self._expected([samples] if alone else samples, settings)
        with self._one_at_a_time:
            made = []
            for part in self._parts(batch, settings):
                clock = Clock(on_progress, len(part), previews)
                made += self._films(self._guides(part, clock, settings, memory), clock)
        return made[0] if alone else made

    @torch.no_grad()
    def guides(
        self,
        samples: Sequence[FmriSample],
        settings: Settings | None = None,
        on_progress: OnProgress | None = None,
        memory: Memory | None = None,
    ) -> list[Guides]:
        """Everything of several samples of one subject but their films: steps 1 to 5 of a call."""
        settings = settings or self.zoo.settings
        batch = self._expected(samples, settings)
        with self._one_at_a_time:
            parts = [(part, Clock(on_progress, len(part))) for part in self._parts(batch, settings)]
            return [row for part, clock in parts for row in self._guides(part, clock, settings, memory)]

    @torch.no_grad()
    def films(self, guides: Sequence[Guides], on_progress: OnProgress | None = None) -> list[Reconstruction]:
        """The films of what `guides` gave, or of what became of it: of one subject, all with a tail or none."""
        with self._one_at_a_time:
            parts = self._parts(guides, guides[0].settings)
            return [row for part in parts for row in self._films(part, Clock(on_progress, len(part)))]

    def _parts(self, batch: Sequence[Given], settings: Settings) -> list[list[Given]]:
        """What is computed together."""
        alone_each = _neighbours_count(self.video_model(settings.video_model))
        return [[row] for row in batch] if alone_each else [list(batch)]

    def _expected(self, samples: Sequence[FmriSample], settings: Settings) -> list[FmriSample]:
        """The samples as they are decoded. Raises InputError for what cannot be done, before a large model is there."""
        batch = edited(samples, settings)
        self.zoo.expect(settings)
        expect_decodable(batch, settings, self.subjects(batch[0].subject))
        return batch

    def _guides(
        self, samples: list[FmriSample], clock: Clock, settings: Settings, memory: Memory | None
    ) -> list[Guides]:
        settings = settings.used
        captioner = self.captioner(settings.captioner) if settings.captioned else None
        models = self.subjects(samples[0].subject)
        voxels = voxels_of(samples, models)  # (B, n_voxels)
        recall = memory.of(f"{self.zoo.name} {self.computes} {models.origins}", samples, settings) if memory else take

        # 1. Perception Reconstructor: the blurry video (alpha guidance)
        with clock.step(Step.BLURRY_VIDEO) as step:
            blurry = recall(step, lambda: self.codec.decode(_decoded(models.perception, voxels)))
            step.results = blurry  # (B, n_frames, 3, H, W)
        keyframes, tokens, captions = None, None, [settings.words] * len(samples)
        likeness: list[tuple[float, ...]] = [()] * len(samples)  # of the draws of a keyframe
        if settings.guidance.beta:
            # 2. Semantics Reconstructor: voxels to brain tokens
            with clock.step(Step.BRAIN_TOKENS) as step:
                brain_tokens = recall(step, lambda: _decoded(models.semantic, voxels))
                step.results = brain_tokens  # (B, n_tokens, clip_dim)
            # 3. Diffusion prior: brain tokens to image tokens, of each draw its own
            with clock.step(Step.IMAGE_TOKENS) as step:
                drawn = recall(step, lambda: self._image_tokens(samples, settings, models.prior, brain_tokens))
                step.results = tokens = drawn.mean(0)  # (B, n_tokens, clip_dim)
            # 4. Keyframe, from the image tokens and the first blurry frame (beta guidance)
            with clock.step(Step.KEYFRAME) as step:
                draws = Draws(
                    self.keyframes,
                    partial(self.part, "clip"),
                    settings,
                    [sample.clip for sample in samples],
                    drawn,
                    blurry[:, 0] if settings.blurry_starts_keyframe else None,
                    models.semantic.centre,
                    step.report,
                )
                keyframes, likeness = recall(step, draws.nearest)
                step.results = keyframes
            # 5. Caption of the keyframe (gamma guidance)
            if captioner:
                with clock.step(Step.CAPTION) as step:
                    step.results = captions = recall(step, lambda: captioner(keyframes, tokens))
        rows = zip(*(rows_of(x, len(samples)) for x in (blurry, keyframes, captions, tokens)), strict=True)
        return [
            Guides(sample, settings, b, k, c, t, like, clock.seconds, models.origins)
            for sample, (b, k, c, t), like in zip(samples, rows, likeness, strict=True)
        ]

    def _films(self, guides: Sequence[Guides], clock: Clock) -> list[Reconstruction]:
        settings = guides[0].settings
        video_model = self.video_model(settings.video_model)
        # 6. The frozen text-to-video model under all three
        with clock.step(Step.VIDEO) as step:
            step.results = videos = video_model(
                [one.caption + settings.prompt_suffix for one in guides],
                _stacked([one.keyframe for one in guides]),
                _stacked([one.blurry_video for one in guides]) if settings.guidance.alpha else None,
                n_video_frames=settings.n_video_frames,
                theta=settings.theta,
                start=settings.video_start,
                num_inference_steps=settings.video_steps,
                guidance_scale=settings.video_guidance,
                generators=_generators([one.sample for one in guides], settings, 6),
                solver=settings.video_solver,
                on_step=step.report,
                negative_prompts=[settings.negative_prompt] * len(guides),
                alpha_mode=settings.alpha_mode,
                control_halves=settings.control_halves,
                tails=_stacked([one.tail for one in guides]),
                pixels=settings.pixels,
            )
        # 7. Everything together
        return [
            Reconstruction(
                one.blurry_video,
                one.keyframe,
                one.caption,
                video,
                one.image_tokens,
                settings,
                self.zoo.name,
                video_model.precision,
                {**one.seconds, **clock.seconds},
                one.reconstructors,
                one.likeness,
            )
            for one, video in zip(guides, rows_of(videos, len(guides)), strict=True)
        ]

    def _image_tokens(self, samples, settings: Settings, prior: DiffusionPrior, brain_tokens: Tensor) -> Tensor:
        """Image tokens (n_draws, B, n_tokens, clip_dim) from brain tokens (B, n_tokens, clip_dim)."""
        n_draws = settings.keyframe_draws
        noise = [g for draw in range(n_draws) for g in _generators(samples, settings, 3, draw)]
        brain = brain_tokens.repeat(n_draws, 1, 1)
        with turn(prior):
            tokens = prior.sample(brain, settings.prior_steps, noise, settings.prior_samples)
        return tokens.unflatten(0, (n_draws, -1))


def _neighbours_count(video_model: VideoGenerator) -> bool:
    """Whether rounding makes a film of a batch another one: in bfloat16 on a CPU, by up to seven grey values.

    There samples are reconstructed one after the other. In float32 films differ by less than 0.001 grey values.
    """
    return video_model.device.type == "cpu" and video_model.precision == "bfloat16"


def _stacked(rows: Sequence[Tensor | None]) -> Tensor | None:
    """A batch of all rows, None where there are none."""
    there = [row for row in rows if row is not None]
    return torch.stack(there) if there else None


def _decoded(model: nn.Module, voxels: Tensor) -> Tensor:
    """What a reconstructor makes of voxels (B, n_voxels), in its turn; in float32."""
    with turn(model):
        return model(voxels.to(device_of(model), next(model.parameters()).dtype)).float()


def _generators(samples: Sequence[FmriSample], settings: Settings, step: int, draw: int = 0) -> Generators:
    return [seeded(settings.seed, sample.clip, step, draw) for sample in samples]


def load_pipeline(
    zoo: Zoo | str = "demo",
    reconstructors: Path | None = None,
    device: str | None = None,
    placement: Placement | None = None,
) -> NeuroClips:
    """The pipeline of a zoo, whose models are loaded when they are first used.

    `reconstructors` is a folder of your own: what it has of subjectS/{perception,semantic,prior} and fusion takes the
    place of the zoo's. placement : where it computes; None is what suits the zoo on `device`, where None is the best
    there is. Raises InputError for an unknown zoo or device.
    """
    table = zoo if isinstance(zoo, Zoo) else zoo_named(zoo)
    own = Path(reconstructors) if reconstructors else None
    return _pipeline(table, own, placement or placement_of(table, device))


@loaded_once
def _pipeline(zoo: Zoo, own: Path | None, placement: Placement) -> NeuroClips:
    """One for all who ask for the same, whose lock then keeps them from each other."""
    return NeuroClips(
        zoo,
        lambda role: load_part(zoo.with_own(own) if own and role in OWN else zoo, role, placement=placement),
        loaded_once(lambda subject: load_subject(zoo, subject, own, placement), MODELS),
        f"{placement.device} {placement.dtype} {placement.mixed} {placement.speed}",
    )
