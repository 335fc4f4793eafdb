"""Train the demo captioner (Blip2ForConditionalGeneration) on web frames and captions: --stage zoo-captioner."""

from __future__ import annotations

from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor
from transformers import (
    Blip2Config,
    Blip2ForConditionalGeneration,
    Blip2Processor,
    Blip2QFormerConfig,
    Blip2VisionConfig,
    BlipImageProcessor,
    OPTConfig,
)

from neuroclips.pretrained.captioner import Blip2Captioner
from neuroclips.train.demo_zoo.decoded import web_keyframes
from neuroclips.train.demo_zoo.scores import caption_scores
from neuroclips.train.engine import draws
from neuroclips.train.engine.export import save_model
from neuroclips.train.engine.job import Job
from neuroclips.train.engine.recipe import Recipe, Turn
from neuroclips.train.engine.start import load_weights
from neuroclips.train.spec import RECIPE as RECIPE_OPTIONS
from neuroclips.train.spec import StageSpec
from neuroclips.train.targets.words import build_tokenizer, distinct
from neuroclips.web.films import HELD_OUT, held_out_frames, load, to_pixels
from neuroclips.zoo import Zoo

RECIPE = Recipe(steps=2400, learning_rate=1e-3, batch_size=48, weight_decay=0.05, ema=0.998, validate_every=400)
N_SHOTS = 16_000
N_MADE, N_MADE_HELD = 2400, 120  # of the web shots, those of which there are keyframes; and of held-out ones
N_QUERIES = 8


def build() -> Blip2Captioner:
    tokenizer = build_tokenizer()
    size = 64
    processor = Blip2Processor(
        BlipImageProcessor(size={"height": size, "width": size}), tokenizer, num_query_tokens=N_QUERIES
    )
    vision = Blip2VisionConfig(
        hidden_size=128,
        intermediate_size=384,
        num_hidden_layers=4,
        num_attention_heads=4,
        image_size=size,
        patch_size=8,
        initializer_range=0.02,
    )
    qformer = Blip2QFormerConfig(
        vocab_size=len(tokenizer),
        hidden_size=128,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=256,
        cross_attention_frequency=1,
        encoder_hidden_size=128,
        max_position_embeddings=32,
    )
    text = OPTConfig(
        vocab_size=len(tokenizer),
        hidden_size=128,
        num_hidden_layers=3,
        num_attention_heads=4,
        ffn_dim=256,
        word_embed_proj_dim=128,
        max_position_embeddings=64,
        pad_token_id=tokenizer.pad_token_id,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
    )
    image_token = tokenizer.convert_tokens_to_ids("<image>")
    config = Blip2Config(
        vision_config=vision,
        qformer_config=qformer,
        text_config=text,
        num_query_tokens=N_QUERIES,
        image_token_index=image_token,
    )
    return Blip2Captioner(Blip2ForConditionalGeneration(config), processor)


class CaptionerJob(Job):
    """Next-word loss on captions of web frames and, every other step, of keyframes as decoded, randomly blurred."""

    bars = {"noun": 0.95, "scene": 0.95}
    web_shots, n_samples = (0, N_SHOTS), N_SHOTS

    def __init__(self, zoo: Zoo, out: Path, start: Path | None = None):
        self.zoo, self.captioner, self.out = zoo, build(), out
        self.modules = {"blip2": self.captioner.model}
        if start:
            load_weights(self.modules, start)
        frames, shots = load(N_SHOTS, 1)
        self.tensors = {
            "frames": torch.from_numpy(frames[:, 0]),  # (N, 3, H, W) uint8
            "keyframes": torch.from_numpy(web_keyframes(N_MADE, 0, zoo)),
            **self._words([shot.caption for shot in shots]),
        }

    def _words(self, captions: list[str]) -> dict[str, Tensor]:
        """Word numbers behind the places of the image, what is to be told, and what there is: (N, n_queries + n_words).

        Captions are padded to the longest.
        """
        tokenizer, image = self.captioner.processor.tokenizer, self.captioner.model.config.image_token_index
        known, which = distinct(captions)
        words = tokenizer(known, return_tensors="pt", padding=True)["input_ids"][which]
        ids = torch.cat([torch.full((len(words), N_QUERIES), image), words], 1)
        padding = ids == tokenizer.pad_token_id
        return {"ids": ids, "labels": ids.masked_fill((ids == image) | padding, -100), "mask": (~padding).long()}

    def loss(self, turn: Turn) -> Tensor:
        generator = turn.local_generator
        made = turn.step % 2 == 1
        chosen = draws.indices(N_MADE if made else N_SHOTS, turn.local_size, generator, self.device)
        pixels = degrade(to_pixels(self.tensors["keyframes" if made else "frames"][chosen]), generator)
        ids, labels, mask = (self.tensors[name][chosen] for name in ("ids", "labels", "mask"))
        values = self.captioner.pixel_values(pixels)
        return self.captioner.model(pixel_values=values, input_ids=ids, attention_mask=mask, labels=labels).loss

    def validate(self) -> dict[str, float]:
        """Nouns and scenes of sentences about held-out web frames, and about keyframes as decoded."""
        frames, shots = held_out_frames()
        scores = caption_scores(self.captioner(frames), shots)
        made = to_pixels(web_keyframes(N_MADE_HELD, HELD_OUT, self.zoo))
        of_made = caption_scores(self.captioner(made), shots[:N_MADE_HELD])
        return scores | {f"{what}, keyframes": value for what, value in of_made.items()}

    def export(self) -> None:
        save_model(self.captioner.model, self.out, self.dtype, self.captioner.processor)


def degrade(pixels: Tensor, generator: torch.Generator) -> Tensor:
    """Half of the time, lose detail as generated frames do: shrink to 1/4 to 3/4 of the edge and back."""
    if torch.rand(1, generator=generator).item() < 0.5:
        return pixels
    edge = pixels.shape[-1]
    side = int(torch.randint(edge // 4, 3 * edge // 4 + 1, (1,), generator=generator))
    small = F.interpolate(pixels, size=side, mode="bilinear", antialias=True)
    return F.interpolate(small, size=edge, mode="bicubic").clamp(0, 1)


STAGE = StageSpec(
    "zoo-captioner",
    lambda given: CaptionerJob(given.zoo, given.out, given.start),
    {"demo": RECIPE},
    role="captioner/blip2",
    needs=("clip", "codec", "keyframes"),
    options=("start", *RECIPE_OPTIONS),
)
