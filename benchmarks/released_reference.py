"""Make tests/reconstructors/released_prior.npz: a tiny prior of random weights, and what dalle2-pytorch makes of it.

python benchmarks/released_reference.py, where dalle2-pytorch==1.15.6 (MIT) can be imported; this pulls in its
dependencies, among them rotary-embedding-torch, einops, kornia, x-clip, coca-pytorch and resize-right. The package does
not need any of them. dalle2-pytorch knows one image token; the network over many is MindEye2's (Scotti et al. 2024),
put together here from dalle2-pytorch's parts. Compares, and prints the largest differences.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from neuroclips.reconstructors.released.prior import ReleasedPriorConfig  # noqa: E402 - found through the path above

CONFIG = ReleasedPriorConfig(dim=8, n_tokens=24, depth=2, heads=2, head_dim=36)
FILE = ROOT / "tests" / "reconstructors" / "released_prior.npz"
SEED, N_STEPS = 7, 20


class ReferenceNetwork(nn.Module):
    """Brain tokens, time and noisy tokens through dalle2-pytorch's transformer, every token seeing every other."""

    self_cond = False

    def __init__(self, config: ReleasedPriorConfig):
        from dalle2_pytorch.dalle2_pytorch import MLP, CausalTransformer, SinusoidalPosEmb

        super().__init__()
        self.dim, shape = config.dim, (config.n_tokens, config.dim)
        self.learned_query = nn.Parameter(torch.randn(shape))
        self.null_brain_embeds, self.null_image_embed = (
            nn.Parameter(torch.randn(shape)),
            nn.Parameter(torch.randn(shape)),
        )
        self.to_time_embeds = nn.Sequential(nn.Sequential(SinusoidalPosEmb(config.dim), MLP(config.dim, config.dim)))
        self.causal_transformer = CausalTransformer(
            dim=config.dim, depth=config.depth, heads=config.heads, dim_head=config.head_dim
        )
        for attention, _ in self.causal_transformer.layers:
            attention.causal = False

    def forward_with_cond_scale(self, noisy: Tensor, t: Tensor, *, brain: Tensor, **unused) -> Tensor:
        time = self.to_time_embeds(t.float())[:, None]
        return self.causal_transformer(torch.cat([brain, time, noisy + self.learned_query], 1))[:, -len(noisy[0]) :]


def reference_prior() -> nn.Module:
    """dalle2-pytorch's diffusion around the network, its weights random wherever they are trained."""
    from dalle2_pytorch import DiffusionPrior

    torch.manual_seed(SEED)
    prior = DiffusionPrior(
        ReferenceNetwork(CONFIG),
        image_embed_dim=CONFIG.dim,
        timesteps=CONFIG.n_timesteps,
        image_embed_scale=1.0,
        condition_on_text_encodings=False,
    )
    for name, parameter in prior.named_parameters():
        if name.endswith(".g"):
            nn.init.uniform_(parameter, 0.5, 1.5)
    return prior.eval()


@torch.no_grad()
def record(prior: nn.Module) -> dict[str, Tensor]:
    """Weights, inputs and outputs; draws are seeded as in the test."""
    shape, generator = (2, CONFIG.n_tokens, CONFIG.dim), torch.Generator().manual_seed(SEED)
    brain, noisy = torch.randn(shape, generator=generator), torch.randn(shape, generator=generator)
    t = torch.tensor([3, 94])
    outputs = {"predicted": prior.net.forward_with_cond_scale(noisy, t, brain=brain)}
    for name, n_steps in (("ddim", N_STEPS), ("ddpm", CONFIG.n_timesteps)):
        torch.manual_seed(SEED)
        outputs[name] = prior.p_sample_loop(shape, {"brain": brain}, timesteps=n_steps)
    return {**prior.state_dict(), "in.brain": brain, "in.noisy": noisy, "in.t": t, **_prefixed("out.", outputs)}


@torch.no_grad()
def differences(stored: dict[str, Tensor]) -> dict[str, float]:
    """The largest difference between what is stored and what the package computes."""
    prior = CONFIG.build().eval()
    prior.load_state_dict({k: v for k, v in stored.items() if not k.startswith(("in.", "out."))})
    brain, generator = stored["in.brain"], torch.Generator()
    ours = {
        "predicted": prior.predict(stored["in.noisy"], stored["in.t"], brain),
        "ddim": prior.sample(brain, N_STEPS, [generator.manual_seed(SEED)]),
        "ddpm": prior.sample(brain, CONFIG.n_timesteps, [generator.manual_seed(SEED)]),
    }
    tables = prior.noise_scheduler.state_dict()
    found = {name: float((value - stored[f"out.{name}"]).abs().max()) for name, value in ours.items()}
    return found | {name: float((v - stored[f"noise_scheduler.{name}"]).abs().max()) for name, v in tables.items()}


def _prefixed(prefix: str, values: dict[str, Tensor]) -> dict[str, Tensor]:
    return {prefix + name: value for name, value in values.items()}


def main() -> None:
    stored = record(reference_prior())
    FILE.parent.mkdir(exist_ok=True)
    np.savez_compressed(FILE, **{name: value.numpy() for name, value in stored.items()})
    print(f"{FILE.name}: {FILE.stat().st_size} bytes")
    for name, difference in differences(stored).items():
        scale = stored.get(f"out.{name}", stored.get(f"noise_scheduler.{name}")).abs().max()
        print(f"{name}: {difference:.1e}, of values up to {scale:.3g}")


if __name__ == "__main__":
    main()
