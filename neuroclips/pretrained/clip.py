"""Pixels and sentences to the CLIP space, through open_clip: a folder with architecture and weights, or the hub."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import open_clip
import torch
import torch.nn.functional as F
from torch import Tensor

from neuroclips.pretrained.base import Frozen, resized


def _schema(source: str | Path) -> str:
    """open_clip's name for a folder ("local-dir:...") or, as it is, for a hub id or a built-in model."""
    return f"local-dir:{source}" if Path(source).is_dir() else str(source)


class OpenClip(Frozen):
    """Frozen CLIP whose image tokens are what the brain is decoded into.

    Embeddings are the tower's own, by whatever it pools with. `projected_mean` is the paper's adjusted projector P
    before it is trained (appendix B.2): it drops the class token and projects the mean over the others.
    """

    def __init__(self, model: Any, tokenizer):
        super().__init__()
        self.model = model
        self.tokenizer = tokenizer
        model.visual.output_tokens = True

    @classmethod
    def from_pretrained(
        cls, source: str | Path, *, subfolder=None, revision=None, dtype: torch.dtype = torch.float32
    ) -> OpenClip:
        """From a folder, or a model of the hub, "hf-hub:..."; subfolders and revisions are not open_clip's."""
        model = open_clip.create_model(_schema(source), load_weights=True, require_pretrained=True)
        return cls(model.to(dtype), open_clip.get_tokenizer(_schema(source))).eval().requires_grad_(False)

    @property
    def clip_dim(self) -> int:
        return self.model.visual.proj.shape[0]

    @property
    def n_tokens(self) -> int:
        rows, columns = self.model.visual.grid_size
        return rows * columns

    def image_tokens(self, pixels: Tensor) -> Tensor:
        """Pixels (B, 3, H, W) in [0, 1] to tokens (B, n_tokens, clip_dim), without a class token."""
        return self.model.visual(self._normalise(pixels))[1].float()

    def projected_mean(self, tokens: Tensor) -> Tensor:
        """Tokens (B, n_tokens, clip_dim) to unit vectors (B, embed_dim): the projected mean over the tokens."""
        return F.normalize(self.moved(tokens).mean(1) @ self.model.visual.proj, dim=-1).float()

    def image_embeddings(self, pixels: Tensor) -> Tensor:
        """Pixels (B, 3, H, W) in [0, 1] to unit vectors (B, embed_dim), as the tower pools and projects them."""
        return F.normalize(self.model.visual(self._normalise(pixels))[0].float(), dim=-1)

    def text_embeddings(self, sentences: Sequence[str]) -> Tensor:
        """Sentences to unit vectors (B, embed_dim)."""
        return self.model.encode_text(self.words(sentences), normalize=True).float()

    def text_tokens(self, sentences: Sequence[str]) -> Tensor:
        """Sentences to per-word states (B, context_length, text_width), the prompt of a text-to-video model."""
        words = self.words(sentences)
        states = self.model.token_embedding(words) + self.model.positional_embedding
        return self.model.ln_final(self.model.transformer(states, attn_mask=self.model.attn_mask)).float()

    def unconditional(self, sentences: Sequence[str]) -> Tensor:
        """Negative prompts as words (B, context_length, text_width), and zeros, no words at all, for empty ones."""
        said = torch.tensor([[[bool(sentence)]] for sentence in sentences], device=self.device)
        return self.text_tokens(sentences) * said

    def words(self, sentences: Sequence[str]) -> Tensor:
        """Word numbers (B, context_length), where the model is."""
        return self.tokenizer(list(sentences)).to(self.device)

    def _normalise(self, pixels: Tensor) -> Tensor:
        visual = self.model.visual
        pixels = self.moved(resized(pixels.to(self.device), visual.image_size))
        mean, std = (pixels.new_tensor(v).view(3, 1, 1) for v in (visual.image_mean, visual.image_std))
        return (pixels - mean) / std


class HalvedContrastClip(OpenClip):
    """Image tokens of pixels in [0.5, 1] instead of [0, 1].

    The released training code makes them so by a second (x + 1) / 2, and the unCLIP weights of the paper were trained
    on such tokens. Embeddings are of normal contrast.
    """

    def image_tokens(self, pixels: Tensor) -> Tensor:
        """Pixels (B, 3, H, W) in [0, 1] to tokens (B, n_tokens, clip_dim) of half their contrast."""
        return super().image_tokens((pixels + 1) / 2)
