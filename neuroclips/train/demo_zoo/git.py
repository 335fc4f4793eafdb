"""Train the demo GIT (GitForCausalLM on CLIP tokens) for the ablation of the captioner: --stage zoo-git."""

from __future__ import annotations

from pathlib import Path

from torch import Tensor
from transformers import GitConfig

from neuroclips.pretrained.captioner import GitCaptioner, GitFromTokens
from neuroclips.train.demo_zoo.scores import caption_scores
from neuroclips.train.engine import draws
from neuroclips.train.engine.export import save_model
from neuroclips.train.engine.job import Job
from neuroclips.train.engine.recipe import Recipe, Turn
from neuroclips.train.spec import StageSpec
from neuroclips.train.targets.latents import web_image_tokens
from neuroclips.train.targets.words import build_tokenizer, distinct
from neuroclips.web.films import held_out_frames, web_shots
from neuroclips.zoo import Zoo, load_part

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
    web_shots, n_samples = (0, N_SHOTS), N_SHOTS

    def __init__(self, zoo: Zoo, out: Path):
        self.zoo, self.out = zoo, out
        tokens = web_image_tokens(N_SHOTS, zoo)  # (N, n_tokens, clip_dim)
        self.spread, self.captioner = tokens.std().item(), build(*tokens.shape[1:])
        self.modules = {"git": self.captioner.model}
        known, which = distinct(shot.caption for shot in web_shots(0, N_SHOTS))
        words = self.captioner.tokenizer(known, return_tensors="pt", padding=True)
        ids, mask = words["input_ids"][which], words["attention_mask"][which]  # (N, n_words)
        self.tensors = {"tokens": tokens, "ids": ids, "mask": mask, "labels": ids.masked_fill(mask == 0, -100)}

    def loss(self, turn: Turn) -> Tensor:
        generator, device = turn.local_generator, self.device
        chosen = draws.indices(N_SHOTS, turn.local_size, generator, device)
        tokens, ids, mask, labels = (self.tensors[name][chosen] for name in ("tokens", "ids", "mask", "labels"))
        scale = NOISE * self.spread * draws.uniform((len(tokens), 1, 1), generator, device)
        tokens = tokens + scale * draws.noise_like(tokens, generator)
        return self.captioner.model(
            input_ids=ids, attention_mask=mask, pixel_values=tokens[:, None], labels=labels
        ).loss

    def validate(self) -> dict[str, float]:
        """Nouns and scenes of sentences about the tokens of held-out web frames."""
        frames, shots = held_out_frames()
        tokens = load_part(self.zoo, "clip").image_tokens(frames)
        return caption_scores(self.captioner(None, tokens), shots)

    def export(self) -> None:
        save_model(self.captioner.model, self.out, self.dtype, self.captioner.tokenizer)


STAGE = StageSpec(
    "zoo-git",
    lambda given: GitJob(given.zoo, given.out),
    {"demo": RECIPE},
    role="captioner/git",
    needs=("clip",),
)
