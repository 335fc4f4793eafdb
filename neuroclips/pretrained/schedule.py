"""Which solver walks the noise schedule, where it starts, and how a blurry picture becomes its starting point."""

from __future__ import annotations

from typing import Any, TypeAlias

import torch
from diffusers import DDIMScheduler, DPMSolverMultistepScheduler, EulerDiscreteScheduler
from torch import Tensor

from neuroclips.errors import InputError
from neuroclips.types import AlphaMode

Scheduler: TypeAlias = Any  # one of SOLVERS, whose classes a type checker does not see

# DDIM is the paper's for videos, Euler that of unCLIP for keyframes; DPM-Solver++ (Lu et al. 2022) needs fewer steps
SOLVERS: dict[str, type[Scheduler]] = {
    "ddim": DDIMScheduler,
    "dpm": DPMSolverMultistepScheduler,
    "euler": EulerDiscreteScheduler,
}


def with_solver(scheduler: Scheduler, name: str) -> Scheduler:
    """The same noise schedule, walked by another solver. Raises InputError with the known names."""
    if name not in SOLVERS:
        raise InputError(f"got solver {name!r}, expected one of: {', '.join(SOLVERS)}")
    return SOLVERS[name].from_config(scheduler.config)


def step(scheduler: Scheduler, predicted: Tensor, timestep: Tensor, latents: Tensor) -> tuple[Tensor, Tensor]:
    """One step of a solver: the latents after it, and the clean latents (both as `latents`) that it now predicts."""
    after = scheduler.step(predicted, timestep, latents)
    multistep = isinstance(scheduler, DPMSolverMultistepScheduler)  # DPM-Solver++ predicts these alone, and keeps them
    return after.prev_sample, scheduler.model_outputs[-1] if multistep else after.pred_original_sample


def get_timesteps(scheduler: Scheduler, num_inference_steps: int, start: float) -> Tensor:
    """The last `start` share of the timesteps, at least one: start 1.0 runs them all."""
    if not 0 < start <= 1:
        raise InputError(f"got start {start}, expected 0 < start <= 1")
    scheduler.set_timesteps(num_inference_steps)
    return scheduler.timesteps[-max(1, round(num_inference_steps * start)) :]


def diffuse_from(scheduler: Scheduler, latents: Tensor, timestep: Tensor | int, theta: float, noise: Tensor) -> Tensor:
    """Equation 5: take `latents` for a state at step theta * T and add the noise still missing at `timestep`.

    alphas_cumprod[timestep] -> alpha_bar_T, alphas_cumprod[theta * T] -> alpha_bar_{theta T}
        z_T = sqrt(alpha_bar_T / alpha_bar_{theta T}) * z + sqrt(1 - alpha_bar_T / alpha_bar_{theta T}) * noise
    theta = 0 is the usual noising of a clean latent. If `timestep` comes before theta * T nothing is missing. Rows of
    latents (B, ...) may have timesteps (B,) of their own.
    """
    if not 0 <= theta < 1:
        raise InputError(f"got theta {theta}, expected 0 <= theta < 1")
    alphas = scheduler.alphas_cumprod
    at_theta = alphas[round(theta * (len(alphas) - 1))] if theta else torch.tensor(1.0)
    at = torch.as_tensor(timestep).long().cpu().view(-1, *[1] * (latents.dim() - 1))
    ratio = (alphas[at] / at_theta).clamp(max=1.0).to(latents.device)
    return ratio.sqrt() * latents + (1 - ratio).sqrt() * noise


KEPT = 1e-3  # least amplitude of a signal: a schedule of zero terminal SNR keeps none, or 2^-12 for a solver's sake


def begun(
    scheduler: Scheduler, latents: Tensor, first: Tensor | int, noise: Tensor, mode: AlphaMode, theta: float
) -> Tensor:
    """The blurry latents (B, ...) as denoising takes them over at `first`, by one of three readings of equation 5.

    paper : noised from theta * T to T, the end of the schedule that the model was trained on; every step is run.
    released : noised as clean latents to the first step of the solver, whatever theta, as the paper's code does.
    partial : noised from theta * T to `first`, which may lie anywhere in the schedule.
    Raises InputError for the first two where the schedule keeps no signal at its end.
    """
    if mode == "partial":
        return diffuse_from(scheduler, latents, first, theta, noise)
    end, since = (len(scheduler.alphas_cumprod) - 1, theta) if mode == "paper" else (first, 0.0)
    if scheduler.alphas_cumprod[int(end)].sqrt() < KEPT:
        raise InputError(
            f"got alpha mode {mode}, expected partial: the noise schedule of these models keeps no signal at its end"
        )
    return diffuse_from(scheduler, latents, end, since, noise)


def scaled_for(scheduler: Scheduler, latents: Tensor, timestep: Tensor) -> Tensor:
    """Latents of unit variance as the solver wants them at its first timestep: Euler's grow with the noise."""
    if not isinstance(scheduler, EulerDiscreteScheduler):
        return latents
    sigma = scheduler.sigmas[(scheduler.timesteps == timestep).nonzero()[0, 0]]
    return latents * (sigma**2 + 1).sqrt()


def guide(predicted: Tensor, scale: float) -> Tensor:
    """Classifier-free guidance (Ho and Salimans 2022) of (2 B, ...), the conditional half first, to (B, ...).

    At scale 1 the unconditional half counts for nothing: there is none, and (B, ...) is left as it is.
    """
    if scale == 1:
        return predicted
    conditional, unconditional = predicted.chunk(2)
    return unconditional + scale * (conditional - unconditional)


def with_unconditional(conditions: Tensor, scale: float) -> Tensor:
    """Conditions (B, ...) and, unless the scale of guidance is 1, zeros for the unconditional half: (2 B, ...)."""
    return conditions if scale == 1 else torch.cat([conditions, torch.zeros_like(conditions)])


def for_both_halves(latents: Tensor, scale: float) -> Tensor:
    """Latents (B, ...) for each half of classifier-free guidance: (2 B, ...), or (B, ...) at scale 1."""
    return latents if scale == 1 else torch.cat([latents, latents])
