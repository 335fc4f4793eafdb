"""Training films as they are decoded from simulated brains: what the keyframe model meets when it is used.

A reconstructor knows the films that it was trained on too well. So it is given ridge features out of fold: of every
film those of a ridge that never saw it.
"""

from __future__ import annotations

import hashlib

import torch
from torch import Tensor

from neuroclips.data.training import open_training
from neuroclips.noise import seeded
from neuroclips.preprocessing.layout import N_SAMPLES, TR
from neuroclips.simulation.motion import box
from neuroclips.simulation.shots import shot_at
from neuroclips.train.reconstructors.inputs import MEAN
from neuroclips.train.reconstructors.ridge import ridge_features
from neuroclips.train.reconstructors.study import Study
from neuroclips.train.targets import targets
from neuroclips.train.targets.encoders import weights_key
from neuroclips.train.targets.latents import kept
from neuroclips.zoo import RECONSTRUCTORS, Zoo, load_part

SUBJECTS, N_DRAWS, BATCH = (1, 2, 3), 2, 240


def decoded_films(zoo: Zoo) -> dict[str, Tensor]:
    """Of every subject and clip of the films that are trained on (n rows; validation films are not among them):

    "tokens" (n, N_DRAWS, n_tokens, clip_dim), draws of the prior as keyframes are drawn from, "first" (n, C, h, w),
    latents of the first blurry frame, and "clips" (n,), which training clip it is. Kept in the cache.
    """
    numbers = (zoo.settings.prior_steps, zoo.settings.prior_samples, N_DRAWS)
    parts = [weights_key(zoo.part(role).of(subject)) for role in RECONSTRUCTORS for subject in SUBJECTS]
    digest = hashlib.sha256(repr((numbers, parts, weights_key(zoo.part("codec")))).encode()).hexdigest()[:12]
    return kept(f"decoded_{digest}", lambda: _decoded_films(zoo))


def _decoded_films(zoo: Zoo) -> dict[str, Tensor]:
    of_each = [_decoded(zoo, subject) for subject in SUBJECTS]
    return {name: torch.cat([films[name] for films in of_each]) for name in of_each[0]}


@torch.no_grad()
def _decoded(zoo: Zoo, subject: int) -> dict[str, Tensor]:
    study = Study(open_training("simulated"), (subject,), zoo)
    perception, semantic, prior = (load_part(zoo, role, "cpu", subject=subject) for role in RECONSTRUCTORS)
    low = [
        ridge_features(study, subject, kind, array, model.config.ridge_dim).low[study.train, MEAN]
        for kind, array, model in (
            ("latents", targets.latents(study.data, zoo), perception),
            ("tokens", targets.tokens(study.data, zoo), semantic),
        )
    ]
    first = torch.cat([perception.from_low(part)[:, 0].clone() for part in low[0].split(BATCH)])
    tokens, settings = [], zoo.settings
    for clips, part in zip(study.train.split(BATCH), low[1].split(BATCH), strict=True):
        brain = semantic.from_low(part).repeat(N_DRAWS, 1, 1)
        noise = [seeded(0, int(clip), 3, draw) for draw in range(N_DRAWS) for clip in clips]
        drawn = prior.sample(brain, settings.prior_steps, noise, settings.prior_samples)
        tokens.append(drawn.unflatten(0, (N_DRAWS, -1)).transpose(0, 1))  # (k, N_DRAWS, n_tokens, clip_dim)
    return {"tokens": torch.cat(tokens), "first": first, "clips": study.train}


def first_latents(zoo: Zoo, clips: Tensor) -> Tensor:
    """True latents (n, C, h, w) of the first frames of training clips (n,)."""
    return torch.from_numpy(targets.latents(open_training("simulated"), zoo)[clips.numpy(), 0]).float()


def first_boxes(clips: Tensor) -> Tensor:
    """Boxes (n, 4) of the main objects in the first frames of training clips (n,), as `motion.box` gives them."""
    rows = []
    for film, tr in (divmod(int(clip), N_SAMPLES) for clip in clips):
        shot = shot_at("train", film, tr * TR)
        rows.append(box(shot, tr * TR - shot.start))
    return torch.tensor(rows, dtype=torch.float32)
