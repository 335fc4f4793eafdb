"""Pixels and sentences to the CLIP space, through open_clip: a folder with architecture and weights, or the hub."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import open_clip
import torch.nn.functional as F
from torch import Tensor, nn


def _schema(source: str | Path) -> str:
    """open_clip's name for a folder ("local-dir:...") or, as it is, for a hub id or a built-in model."""
    return f"local-dir:{source}" if Path(source).is_dir() else str(source)


class OpenClip(nn.Module):
    """Frozen CLIP whose image tokens are what the brain is decoded into.

    The image tower pools by the mean over its tokens, so `pool` maps any (B, n_tokens, clip_dim) into the joint
    space: the paper's adjusted projector P (appendix B.2), which drops the CLS token in the same way.
    """

    def __init__(self, model: nn.Module, tokenizer):
        super().__init__()
        self.model, self.tokenizer = model, tokenizer
        self.model.visual.output_tokens = True

    @classmethod
    def from_pretrained(cls, source: str | Path) -> OpenClip:
        model = open_clip.create_model(_schema(source), load_weights=True, require_pretrained=True)
        return cls(model, open_clip.get_tokenizer(_schema(source))).eval().requires_grad_(False)

    @property
    def clip_dim(self) -> int:
        return self.model.visual.proj.shape[0]

    @property
    def n_tokens(self) -> int:
        rows, columns = self.model.visual.grid_size
        return rows * columns

    def image_tokens(self, pixels: Tensor) -> Tensor:
        """Pixels (B, 3, H, W) in [0, 1] to tokens (B, n_tokens, clip_dim)."""
        return self.model.visual(self._normalise(pixels))[1]

    def pool(self, tokens: Tensor) -> Tensor:
        """Tokens (B, n_tokens, clip_dim) to unit vectors (B, embed_dim) of the joint space."""
        return F.normalize(tokens.mean(1) @ self.model.visual.proj, dim=-1)

    def image_embeddings(self, pixels: Tensor) -> Tensor:
        """Pixels (B, 3, H, W) in [0, 1] to unit vectors (B, embed_dim)."""
        return self.pool(self.image_tokens(pixels))

    def text_embeddings(self, sentences: Sequence[str]) -> Tensor:
        """Sentences to unit vectors (B, embed_dim)."""
        return self.model.encode_text(self._words(sentences), normalize=True)

    def text_tokens(self, sentences: Sequence[str]) -> Tensor:
        """Sentences to per-word states (B, context_length, text_width), the prompt of a text-to-video model."""
        words = self._words(sentences)
        states = self.model.token_embedding(words) + self.model.positional_embedding
        return self.model.ln_final(self.model.transformer(states, attn_mask=self.model.attn_mask))

    def _words(self, sentences: Sequence[str]) -> Tensor:
        """Word numbers (B, context_length), where the model is."""
        return self.tokenizer(list(sentences)).to(self.model.logit_scale.device)

    def _normalise(self, pixels: Tensor) -> Tensor:
        size = self.model.visual.image_size
        pixels = F.interpolate(pixels, size=size, mode="bicubic", antialias=True, align_corners=False)
        visual = self.model.visual
        mean, std = (pixels.new_tensor(v).view(3, 1, 1) for v in (visual.image_mean, visual.image_std))
        return (pixels - mean) / std
