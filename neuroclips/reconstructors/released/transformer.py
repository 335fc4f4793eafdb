"""The transformer of the released prior: multi-query cosine attention with a null key, rotary and relative positions.

As in dalle2-pytorch 1.15.6 (MIT), the open implementation of DALL-E 2 (Ramesh et al. 2022), without its causal mask.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from neuroclips.reconstructors.released.tables import Rotary

SCALE = 16.0  # of the cosine between a query and a key
N_BUCKETS, MAX_DISTANCE, ROTARY_DIM, WIDENING = 32, 128, 32, 4


class GainNorm(nn.Module):
    """Layer norm with a gain and no bias; the final one divides by the row's maximum before, whatever its sign."""

    def __init__(self, dim: int, by_maximum: bool = False):
        super().__init__()
        self.g, self.by_maximum = nn.Parameter(torch.ones(dim)), by_maximum

    def forward(self, x: Tensor) -> Tensor:
        if self.by_maximum:
            x = x / x.amax(-1, keepdim=True)
        variance = x.var(-1, correction=0, keepdim=True)
        eps = 1e-5 if x.dtype == torch.float32 else 1e-3
        return (x - x.mean(-1, keepdim=True)) * (variance + eps).rsqrt() * self.g


class SwiGlu(nn.Module):
    """The first half of the features, gated by the second."""

    def forward(self, x: Tensor) -> Tensor:
        values, gate = x.chunk(2, -1)
        return values * F.silu(gate)


class RelativeBias(nn.Module):
    """A learned number per head and bucket of distances, as in T5 (Raffel et al. 2020)."""

    def __init__(self, heads: int):
        super().__init__()
        self.relative_attention_bias = nn.Embedding(N_BUCKETS, heads)

    def forward(self, n: int) -> Tensor:
        """(heads, n, n + 1): the null key is at position 0, so that key j is one further than token j."""
        device = self.relative_attention_bias.weight.device
        distance = torch.arange(n, device=device)[:, None] - torch.arange(n + 1, device=device)
        return self.relative_attention_bias(buckets(distance)).permute(2, 0, 1)  # (heads, n, n + 1)


def buckets(distance: Tensor) -> Tensor:
    """Of distances back to a key: 0 for all later keys, one each up to 15, then logarithmic, the last from 128 on."""
    distance, exact = distance.clamp(min=0), N_BUCKETS // 2
    far = (distance.clamp(min=1) / exact).log() / math.log(MAX_DISTANCE / exact) * (N_BUCKETS - exact)
    return torch.where(distance < exact, distance, (exact + far.long()).clamp(max=N_BUCKETS - 1))


class MultiQueryAttention(nn.Module):
    """All heads share one key and one value per token, and there is one learned key and value to attend to nothing."""

    def __init__(self, dim: int, heads: int, head_dim: int, rotary: Rotary):
        super().__init__()
        self.heads, self.rotary_emb = heads, rotary
        self.norm = GainNorm(dim)
        self.null_kv = nn.Parameter(torch.randn(2, head_dim))
        self.to_q = nn.Linear(dim, heads * head_dim, bias=False)
        self.to_kv = nn.Linear(dim, 2 * head_dim, bias=False)
        self.to_out = nn.Sequential(nn.Linear(heads * head_dim, dim, bias=False), GainNorm(dim))

    def forward(self, x: Tensor, bias: Tensor) -> Tensor:
        """Softmax(16 cos(q, k) + bias) v; x : (B, n, dim), bias : (heads, n, n + 1)."""
        x = self.norm(x)
        q = self.to_q(x).unflatten(-1, (self.heads, -1)).transpose(1, 2)  # (B, heads, n, head_dim)
        k, v = self.to_kv(x)[:, None].chunk(2, -1)  # (B, 1, n, head_dim)
        null_k, null_v = self.null_kv[:, None, None, None].expand(-1, len(x), -1, -1, -1)  # (B, 1, 1, head_dim)
        q, k = self.rotary_emb(q), torch.cat([null_k, self.rotary_emb(k)], -2)
        scores = (
            SCALE * F.normalize(q, dim=-1) @ F.normalize(k, dim=-1).transpose(-1, -2) + bias
        )  # (B, heads, n, n + 1)
        attended = scores.softmax(-1) @ torch.cat([null_v, v], -2)  # (B, heads, n, head_dim)
        return self.to_out(attended.transpose(1, 2).flatten(2))  # (B, n, dim)


class Transformer(nn.Module):
    """Attention and gated MLP, each added to what came in; then norm and linear map."""

    def __init__(self, dim: int, depth: int, heads: int, head_dim: int):
        super().__init__()
        self.rel_pos_bias = RelativeBias(heads)
        rotary = Rotary(min(ROTARY_DIM, head_dim))
        self.layers = nn.ModuleList(
            [nn.ModuleList([MultiQueryAttention(dim, heads, head_dim, rotary), _mlp(dim)]) for _ in range(depth)]
        )
        self.norm = GainNorm(dim, by_maximum=True)
        self.project_out = nn.Linear(dim, dim, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """(B, n, dim) to the same shape."""
        bias = self.rel_pos_bias(x.shape[1])
        for attention, mlp in map(nn.ModuleList.children, self.layers):
            x = x + attention(x, bias)
            x = x + mlp(x)
        return self.project_out(self.norm(x))


def _mlp(dim: int) -> nn.Sequential:
    """The fourth and fifth hold places: the released keys count an unused norm and a dropout of 0."""
    wide = WIDENING * dim
    return nn.Sequential(
        GainNorm(dim),
        nn.Linear(dim, 2 * wide, bias=False),
        SwiGlu(),
        nn.Identity(),
        nn.Identity(),
        nn.Linear(wide, dim, bias=False),
    )
