"""Train the demo GIT (GitForCausalLM on CLIP tokens) for the ablation of the captioner: --stage zoo-git."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor
from transformers import GitConfig

from neuroclips.config import ZOOS
from neuroclips.pretrained.captioner import GitCaptioner, GitFromTokens
from neuroclips.pretrained.clip import OpenClip
from neuroclips.train.demo_zoo.scores import caption_scores
from neuroclips.train.engine.export import save_half
from neuroclips.train.engine.job import Job
from neuroclips.train.engine.recipe import Recipe, Turn
from neuroclips.train.targets.latents import web_image_tokens
from neuroclips.train.targets.words import build_tokenizer
from neuroclips.web.films import draw, held_out_frames, web_shots

RECIPE = Recipe(steps=2000, learning_rate=1e-3, batch_size=96, weight_decay=0.05, ema=0.998, validate_every=500)
N_SHOTS = 16_000
NOISE = 0.3  # highest standard deviation of noise on the tokens, in theirs: tokens from the brain are not exact


def build(n_tokens: int, clip_dim: int) -> GitCaptioner:
    """GIT of three layers; a grid of n_tokens patches and a CLS token is what its vision config then describes."""
    tokenizer, side = build_tokenizer(), round(n_tokens**0.5)
    config = GitConfig(
        vision_config={
            "hidden_size": clip_dim,
            "intermediate_size": clip_dim,
            "num_hidden_layers": 1,
            "num_attention_heads": 4,
            "image_size": 16 * side,
            "patch_size": 16,
        },
        vocab_size=len(tokenizer),
        hidden_size=128,
        num_hidden_layers=3,
        num_attention_heads=4,
        intermediate_size=384,
        max_position_embeddings=64,
        pad_token_id=tokenizer.pad_token_id,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
    )
    return GitCaptioner(GitFromTokens(config), tokenizer)


class GitJob(Job):
    """Next-word loss on the captions of web frames, given their CLIP tokens with some noise."""

    bars = {"noun": 0.85}
    web_shots = (0, N_SHOTS)

    def __init__(self, out: Path):
        self.out, self.zoo = out, ZOOS["demo"].folder
        self.tokens = web_image_tokens(N_SHOTS, self.zoo / "clip")  # (N, n_tokens, clip_dim)
        self.spread, self.shots = self.tokens.std().item(), web_shots(0, N_SHOTS)
        self.captioner = build(*self.tokens.shape[1:])
        self.modules = {"git": self.captioner.model}

    def loss(self, turn: Turn) -> Tensor:
        generator = turn.local_generator
        chosen = draw(N_SHOTS, turn.local_size, generator)
        tokens, tokenizer = self.tokens[chosen], self.captioner.tokenizer
        scale = NOISE * self.spread * torch.rand(len(tokens), 1, 1, generator=generator)
        tokens = tokens + scale * torch.randn(tokens.shape, generator=generator)
        words = tokenizer([self.shots[i].caption for i in chosen], return_tensors="pt", padding=True)
        ids, mask = words["input_ids"], words["attention_mask"]
        labels = ids.masked_fill(mask == 0, -100)
        return self.captioner.model(
            input_ids=ids, attention_mask=mask, pixel_values=tokens[:, None], labels=labels
        ).loss

    def validate(self) -> dict[str, float]:
        """Nouns and scenes of sentences about the tokens of held-out web frames."""
        frames, shots = held_out_frames()
        tokens = OpenClip.from_pretrained(self.zoo / "clip").image_tokens(frames)
        return caption_scores(self.captioner(None, tokens), shots)

    def export(self) -> None:
        save_half(self.captioner.model, self.out)
        self.captioner.tokenizer.save_pretrained(self.out)
