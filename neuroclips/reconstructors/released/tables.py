"""Numbers that a checkpoint holds although a formula gives them: the noise schedule, the angles of rotary positions."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor, nn

FLOAT64: dict[str, Any] = {
    "dtype": torch.float64,
    "device": "cpu",
}  # real numbers even in a module that is built on meta


class FixedTables(nn.Module):
    """Buffers that loading compares and does not replace: what is kept is exact, whatever the file's precision.

    In half precision the last alpha of the schedule is 2 percent off, and the last of 513 tokens turns 0.08 rad off.
    """

    def __init__(self, tables: dict[str, Tensor]):
        super().__init__()
        for name, table in tables.items():
            self.register_buffer(name, table.float())

    def table(self, name: str) -> Tensor:
        """One of the tables, by the name that it has in the file."""
        return self.get_buffer(name)

    def _load_from_state_dict(self, state_dict, prefix, metadata, strict, missing, unexpected, errors):
        unexpected += [key for key in state_dict if key.startswith(prefix) and key[len(prefix) :] not in self._buffers]
        for name, table in self.named_buffers(recurse=False):
            value = state_dict.get(prefix + name)
            if value is None:
                missing.append(prefix + name)
            elif value.shape != table.shape or not torch.allclose(value.to(table), table, rtol=1e-2, atol=1e-5):
                errors.append(f"{prefix}{name}: got other numbers than the released formula, expected those")


def cosine_schedule(n_timesteps: int) -> dict[str, Tensor]:
    """The tables of a diffusion over n_timesteps (Nichol and Dhariwal 2021, s = 0.008), under the released names.

    x_t = sqrt(a_t) x_0 + sqrt(1 - a_t) noise, a_t -> alphas_cumprod; the posterior is that of x_(t-1) given x_t, x_0.
    """
    time = torch.linspace(0, 1, n_timesteps + 1, **FLOAT64)
    curve = torch.cos((time + 0.008) / 1.008 * math.pi / 2) ** 2
    betas = (1 - curve[1:] / curve[:-1]).clamp(0, 0.999)
    a = torch.cumprod(1 - betas, 0)
    a_prev = torch.cat([a.new_ones(1), a[:-1]])
    variance = betas * (1 - a_prev) / (1 - a)
    return {
        "betas": betas,
        "alphas_cumprod": a,
        "alphas_cumprod_prev": a_prev,
        "sqrt_alphas_cumprod": a.sqrt(),
        "sqrt_one_minus_alphas_cumprod": (1 - a).sqrt(),
        "log_one_minus_alphas_cumprod": (1 - a).log(),
        "sqrt_recip_alphas_cumprod": (1 / a).sqrt(),
        "sqrt_recipm1_alphas_cumprod": (1 / a - 1).sqrt(),
        "posterior_variance": variance,
        "posterior_log_variance_clipped": variance.clamp(min=1e-20).log(),
        "posterior_mean_coef1": betas * a_prev.sqrt() / (1 - a),
        "posterior_mean_coef2": (1 - a_prev) * (1 - betas).sqrt() / (1 - a),
        "p2_loss_weight": torch.ones(n_timesteps, **FLOAT64),
    }


class Rotary(FixedTables):
    """Rotary positions (Su et al. 2021): pairs of neighbouring features turn by an angle that grows with position."""

    freqs: Tensor

    def __init__(self, dim: int):
        super().__init__({"freqs": 10000 ** (-torch.arange(0, dim, 2, **FLOAT64) / dim)})

    def forward(self, x: Tensor) -> Tensor:
        """Turn the first features of x (..., n, d), twice as many as there are frequencies."""
        angles = torch.arange(x.shape[-2]).to(x)[:, None] * self.freqs  # (n, pairs)
        pairs, rest = x[..., : 2 * len(self.freqs)].unflatten(-1, (-1, 2)), x[..., 2 * len(self.freqs) :]
        a, b = pairs.unbind(-1)  # (..., n, pairs)
        turned = torch.stack([a * angles.cos() - b * angles.sin(), b * angles.cos() + a * angles.sin()], -1)
        return torch.cat([turned.flatten(-2), rest], -1)
